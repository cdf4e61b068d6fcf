// The lines of a journal, on the disk before anyone hears that they are; those that come while others are written go together.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appendLines } from '../../text/append-lines.ts';
import { fileError, InputError } from '../../text/index.ts';

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
    this.#size = await appendLines(this.path, lines);
  }
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
