// Whether a person has told a workspace folder not to train by itself: that holds when the server starts again.
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError, writeFileAtomic } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';

const fileOf = (workspace: string) => join(workspace, '.crosstag', 'learning', 'paused.json');

export function readPaused(files: Files, workspace: string): Promise<boolean> {
  return files.exists(fileOf(workspace));
}

/** @throws InputError where it cannot be written */
export async function writePaused(workspace: string, paused: boolean): Promise<void> {
  const path = fileOf(workspace);
  try {
    if (paused) {
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomic(path, `${JSON.stringify({ since: new Date().toISOString() })}\n`);
    } else await rm(path, { force: true });
  } catch (error) {
    throw fileError(error, path);
  }
}
