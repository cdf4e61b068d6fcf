// Whole lines at the end of a file, on the disk before anyone hears that they are. Several processes may do so at once.
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError, InputError } from '../../text/index.ts';

const NEWLINE = 0x0a;

interface Waiting {
  readonly lines: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export class Appender {
  readonly path: string;
  #waiting: Waiting[] = [];
  #isWorking = false;
  #size = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Bytes of the file up to the end of what was appended last, at least; 0 before that. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends lines (each with its line end) and syncs them to the disk; those of calls that wait together go together.
   * @throws InputError where they cannot be written; a part of them may be in the file then
   */
  append(lines: string): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ lines, done, failed });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch.map(({ lines }) => lines).join(''));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(explained(error, this.path));
      }
    }
    this.#isWorking = false;
  }

  async #write(lines: string): Promise<void> {
    await makeFolder(dirname(this.path));
    // Opened anew each time: git may have put another file in its place.
    const handle = await open(this.path, 'a+');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.from((await endsInLine(handle, size)) ? `\n${lines}` : lines);
      // One write: with O_APPEND the lines of two processes cannot mix. The rest of a short one would not be whole lines.
      const { bytesWritten } = await handle.write(bytes);
      if (bytesWritten < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      await handle.datasync();
      this.#size = size + bytes.length;
      if (size === 0) await syncFolder(dirname(this.path));
    } finally {
      await handle.close();
    }
  }
}

/** Whether a line was cut off there by a crash or a full disk: the next one must not continue it. */
async function endsInLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** Git keeps the lines of both sides of a merge. */
const ATTRIBUTES = '*.jsonl merge=union -text\n';

async function makeFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true })) === undefined) return;
  if (basename(folder) !== 'journal') return;
  await writeFile(join(folder, '.gitattributes'), ATTRIBUTES, { flag: 'wx' }).catch((error) => {
    // Another window was faster
    if (error.code !== 'EEXIST') throw error;
  });
}

/** The name of a new file is in its folder, which Windows syncs by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function explained(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new InputError('the disk is full; the label was not set', 'make room and do it again', { path });
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    const what = `a file is in the place of the folder ${dirname(path)}; the label was not set`;
    return new InputError(what, 'rename that file', { path });
  }
  const known = fileError(error, path);
  if (!(known instanceof InputError)) return error;
  return new InputError(`${known.what}; the label was not set`, known.remedy, { path });
}
