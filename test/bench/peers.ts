// The peers run in Python, in a virtual environment under .cache/peers that the benchmark makes on its first run.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../server/tensor/index.ts';

const FOLDER = '.cache/peers';
const SCRIPTS = 'test/bench/peers';
const REQUIREMENTS = join(SCRIPTS, 'requirements.txt');
/** A copy of what was installed, so that changed requirements are installed again. */
const INSTALLED = join(FOLDER, 'requirements.txt');

/**
 * Path of the peers' Python: CROSSTAG_PEERS_PYTHON if it is set, else that of the virtual environment, made if need be.
 * @returns undefined, having said why, where there is no Python or the packages cannot be installed.
 */
export function peersPython(): string | undefined {
  const given = process.env.CROSSTAG_PEERS_PYTHON;
  if (given !== undefined) return given;
  const python = join(FOLDER, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted) return python;
  try {
    console.error(`Installing the peers (${wanted.trim().split('\n').join(', ')}) into ${FOLDER} ...`);
    execFileSync('python3', ['-m', 'venv', FOLDER], { stdio: ['ignore', 2, 2] });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS], { stdio: ['ignore', 2, 2] });
  } catch {
    console.error(
      'The peers are left out: this needs Python 3 with venv and pip (Debian: apt install python3-venv), and the network once.',
    );
    return undefined;
  }
  writeFileSync(INSTALLED, wanted);
  return python;
}

/** Where PyTorch computes beside an engine of ours. */
export type TorchDevice = 'cpu' | 'cuda';

export function torchDevice({ name }: Engine): TorchDevice {
  return name === 'webgpu' || name === 'cuda' ? 'cuda' : 'cpu';
}

/** Each device of PyTorch that stands beside one of the engines. */
export function torchDevices(engines: readonly Engine[]): TorchDevice[] {
  return [...new Set(engines.map(torchDevice))];
}

/** Runs a script of test/bench/peers and returns the JSON object that it prints. */
export async function runPeer<Result>(
  python: string,
  script: string,
  arguments_: readonly string[] = [],
  input?: unknown,
): Promise<Result> {
  const child = spawn(python, [join(SCRIPTS, script), ...arguments_], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.on('close', resolve)));
  if (code !== 0) throw new Error(`${script} ended with status ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Result;
}
