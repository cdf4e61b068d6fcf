// What happens to the machine in a day: processes die, the disk is full; and what the server takes of its memory.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Client } from '../client.ts';

/** Arguments of node for a server whose memory can be looked at. */
export const MEASURED = ['--expose-gc', '--require', join(import.meta.dirname, 'memory.cjs')];

/** Kinds of processes that the server starts. */
export type Child = 'tagging' | 'training';

/** Process ids of the children of the server, which on Linux the kernel lists. */
export async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return list.trim().split(' ').filter(Boolean).map(Number);
}

/** Kills a process of the server at once. @returns whether there was one */
export async function killChild({ server }: Client, kind: Child): Promise<boolean> {
  for (const pid of await childrenOf(server.pid!)) {
    const isTraining = getPriority(pid) > constants.priority.PRIORITY_BELOW_NORMAL;
    if (isTraining !== (kind === 'training')) continue;
    process.kill(pid, 'SIGKILL');
    return true;
  }
  return false;
}

/** Bytes of the server after its garbage is collected. */
export async function memoryOf(client: Client): Promise<{ heapUsed: number; rss: number }> {
  const from = client.stderr.length;
  client.server.kill('SIGUSR2');
  const told = () => /memory (\{.*\})/.exec(client.stderr.slice(from))?.[1];
  await expect.poll(told, { timeout: 20_000 }).toBeDefined();
  return JSON.parse(told()!);
}

/** A disk of its own for a folder. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @returns undefined where nobody lets us mount one */
  static mount(folder: string, megabytes: number): SmallDisk | undefined {
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      return undefined;
    }
  }

  async fill(): Promise<void> {
    const handle = await open(join(this.folder, 'filler'), 'a');
    const some = Buffer.alloc(1 << 20);
    try {
      for (let size = some.length; size > 0; ) {
        const written = await handle.write(some, 0, size).catch(() => ({ bytesWritten: 0 }));
        if (written.bytesWritten < size) size >>= 1;
      }
    } finally {
      await handle.close();
    }
  }

  makeRoom(): Promise<void> {
    return rm(join(this.folder, 'filler'));
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
  }
}
