// What runs that take hours share: their corpora, and their program, a copy of dist/ that a build in the meantime does not change.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PREFIX = 'program-';

/** The folder of the corpora. Where it is missing, the process ends. @param what is run on them */
export function corporaFor(what) {
  const data = resolve('../shared/data');
  if (existsSync(data)) return data;
  console.error(`${data}: the corpora of the ${what} are not here; they may not be shipped (see docs/results.md)`);
  process.exit(2);
}

/** Runs a command of the command line to its end; where it fails, so does this process. @returns what it says on stdout */
export async function runCommand(program, id, args) {
  console.log(`${new Date().toISOString()} ${id}: crosstag ${args.join(' ')}`);
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const status = await new Promise((ended) => child.on('close', ended));
  if (status !== 0) process.exit(status ?? 130);
  return said;
}

/** Makes the copy in a folder, which goes with the process; those of processes that were killed go now. @returns path of the command line */
export function copyProgram(folder) {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(PREFIX))) {
    if (!isRunning(Number(name.slice(PREFIX.length)))) rmSync(join(folder, name), { recursive: true });
  }
  const copy = join(folder, `${PREFIX}${process.pid}`);
  cpSync('dist', copy, { recursive: true });
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  return join(copy, 'cli.cjs');
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
