// The program of runs that take hours: a copy of dist/, which a build in the meantime does not change.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'program-';

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
