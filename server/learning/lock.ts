// One training of a kind at a time in a workspace folder, or into a folder, whoever starts it: two windows, or a window and the
// command line.
import { link, mkdir, open, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../text/folder.ts';
import { fileError, InputError } from '../text/index.ts';
import { isOfThisMachine, isRunning, RUN } from '../workspace/journal/run.ts';

const holder = z.object({ run: z.string(), at: z.iso.datetime() });

/** A tagger may be trained while an encoder is: they write into different folders. */
const LOCKS = { tagger: 'running.json', encoder: 'pretraining.json' } as const;

/** Milliseconds in which a lock that was made is written. */
const WRITTEN = 10_000;
/** Milliseconds between two signs of life of its holder; without any for so long, one of another machine has ended. */
const BEAT = 60_000;
const SILENT = 10 * BEAT;

/**
 * Runs `work` while nobody else trains the same in this folder. A lock that a killed process has left behind is taken over.
 * @throws InputError where another process is at it, or the lock cannot be written
 */
export function alone<T>(workspace: string, training: keyof typeof LOCKS, work: () => Promise<T>): Promise<T> {
  return aloneWith(join(workspace, '.crosstag', 'learning', LOCKS[training]), work);
}

/** A model's or an encoder's folder in a workspace folder, as the editor makes them. */
const IN_WORKSPACE = /^(.*)[/\\]\.crosstag[/\\](?:models|encoders)[/\\]/s;

/**
 * The same for a training whose folder somebody has named: two into one would take each other's checkpoints. Into a folder
 * where an editor trains, one at a time.
 */
export function aloneIn<T>(out: string, training: keyof typeof LOCKS, work: () => Promise<T>): Promise<T> {
  const place = resolve(out);
  const workspace = IN_WORKSPACE.exec(place)?.[1];
  if (workspace !== undefined) return alone(workspace, training, work);
  return aloneWith(join(dirname(place), `.${basename(place)}.lock`), work);
}

async function aloneWith<T>(path: string, work: () => Promise<T>): Promise<T> {
  const { lock, made } = await take(path);
  const beat = setInterval(() => {
    void touch(path, lock);
  }, BEAT).unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await textOf(path)) === lock) await rm(path, { force: true });
    if (made !== undefined) await removeEmpty(dirname(path), made);
  }
}

/** Removes the folders that the lock alone had been made for, up to the first of them. */
async function removeEmpty(folder: string, first: string): Promise<void> {
  for (let place = folder; place.startsWith(first); place = dirname(place)) {
    const isEmpty = await rmdir(place).then(
      () => true,
      () => false,
    );
    if (!isEmpty) return;
  }
}

/** @returns what stands in the lock, and the first folder that had to be made for it */
async function take(path: string): Promise<{ lock: string; made: string | undefined }> {
  const lock = JSON.stringify({ run: RUN, at: new Date().toISOString() });
  let made: string | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      made = (await mkdir(dirname(path), { recursive: true })) ?? made;
      const file = await open(path, 'wx');
      await file.writeFile(lock).finally(() => file.close());
      return { lock, made };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Who had made the folder for a lock of its own has just removed it
      if (code === 'ENOENT' && attempt === 0) continue;
      if (code !== 'EEXIST') throw fileError(error, path);
      const other = await textOf(path);
      if (attempt > 0 || (await isHeld(path, other)) || !(await removed(path, other))) {
        const what = 'another process is training in this folder already';
        throw new InputError(what, 'wait for it, or cancel it there; if there is none, remove this file', { path });
      }
    }
  }
}

/** Not a lock that another process has taken over, while this machine slept. */
async function touch(path: string, lock: string): Promise<void> {
  const now = new Date();
  if ((await textOf(path)) === lock) await utimes(path, now, now).catch(() => undefined);
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function isHeld(path: string, text: string): Promise<boolean> {
  const lock = holder.safeParse(parseJson(text)).data;
  if (lock !== undefined && isOfThisMachine(lock.run)) return isRunning(lock);
  const touched = await stat(path).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs < (lock === undefined ? WRITTEN : SILENT);
}

/** Removes a lock that was found dead; not where another process was faster, and it is a living one by now. */
async function removed(path: string, dead: string): Promise<boolean> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
  const isDead = (await textOf(aside)) === dead;
  // Not over a third one that has come meanwhile
  if (!isDead) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return isDead;
}
