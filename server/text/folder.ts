// Folders that appear whole or not at all: written beside their place, synced to the disk, renamed.
import { createHash, randomBytes } from 'node:crypto';
import {
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf } from './error-message.ts';
import { fileError } from './files.ts';
import { renameInUse } from './rename.ts';
import { InputError } from './types.ts';

/** Where the old folder waits while the new one takes its place; a kill between the two renames leaves it there. */
function replaced(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.replaced`);
}

/**
 * The folder to read: `folder`, or the old one that a writer killed between its two renames had just moved aside.
 */
export async function readableFolder(folder: string): Promise<string> {
  const place = resolve(folder);
  if (await exists(place)) return place;
  const old = replaced(place);
  return (await exists(old)) ? old : place;
}

/** A kind of folder of ours: what it is called, and the JSON file in it whose `format` says what it is. */
export interface FolderKind {
  /** With its article: `a model`. */
  readonly name: string;
  readonly file: string;
  readonly format: string;
  /** Names of ours in it besides those that the JSON file gives as a `file` or `folder`. */
  readonly others?: readonly string[];
}

/** A kind whose description holds the hashes of the other files. */
export interface DescribedKind extends FolderKind {
  /** How one comes by an undamaged one: `train the model again, or copy its folder again`. */
  readonly again: string;
}

/** A file of such a folder. @throws InputError where it is missing or cannot be read */
export function readPart(path: string, kind: DescribedKind): Promise<Uint8Array> {
  return readPartBy(() => readFile(path), path, kind);
}

/** The same by another reader, whose own InputErrors stay as they are. */
export async function readPartBy<T>(read: () => Promise<T>, path: string, { name, again }: DescribedKind): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, path);
    throw new InputError('the file is missing', `name the folder of ${name}, or ${again}`, { path });
  }
}

/** The same, of a file whose hash the description holds. @throws InputError where it is another file */
export async function readHashed(path: string, expected: string, kind: DescribedKind): Promise<Uint8Array> {
  const bytes = await readPart(path, kind);
  requireHash(path, sha256(bytes), expected, kind);
  return bytes;
}

/** @throws InputError where a file of such a folder has another hash than its description says */
export function requireHash(path: string, found: string, expected: string, kind: DescribedKind): void {
  if (found === expected) return;
  const what = `the file is not the one that ${kind.file} describes (its SHA-256 differs)`;
  throw new InputError(what, kind.again, { path });
}

/**
 * Whether reading failed for what a file holds, or because it is gone. Other errors, a lack of memory or of open files, say
 * nothing about the file, which may be good.
 */
export function isDamage(error: unknown): error is { readonly path: string } {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof InputError || code === 'ENOENT' || code === 'ENOTDIR';
}

/** SHA-256 of what these pieces are one behind the other, lower-case hex. */
export function sha256(...pieces: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** The value of a JSON text, or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether a folder may and can be written: nothing is there, or an empty folder, or an older one of the same kind.
 * @throws InputError before anything of somebody else's is replaced, and before the work for what could not be written
 */
export async function checkReplaceable(folder: string, { name, file, format }: FolderKind): Promise<void> {
  const remedy = `name another folder for ${name.replace(/^an? /, 'the ')}, or empty this one`;
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return requireRoom(folder);
    if (code === 'ENOTDIR') throw new InputError('this is a file, not a folder', remedy, { path: folder });
    throw fileError(error, folder);
  }
  if (await isMounted(folder)) {
    throw new InputError('a disk is mounted here, and cannot be replaced by a new folder', 'name a folder in it', {
      path: folder,
    });
  }
  const known = await readFile(join(folder, file), 'utf8').then(
    (text) => (parseJson(text) as { format?: unknown } | null | undefined)?.format === format,
    () => false,
  );
  if (names.length > 0 && !known)
    throw new InputError(`the folder holds something else than ${name}`, remedy, { path: folder });
  await requireRoom(folder);
}

/** Whether a disk of its own begins with this folder. A link to another disk does not count: it is replaced itself. */
async function isMounted(folder: string): Promise<boolean> {
  const place = resolve(folder);
  return (await lstat(place)).dev !== (await stat(dirname(place))).dev;
}

/**
 * Makes and removes what `writeFolder` begins with, in the parent folder or where that one would be made.
 * @throws InputError where that is not possible
 */
async function requireRoom(folder: string): Promise<void> {
  const place = resolve(folder);
  let parent = dirname(place);
  while (!(await isNamed(parent)) && dirname(parent) !== parent) parent = dirname(parent);
  const temporary = join(parent, temporaryName(place));
  try {
    await mkdir(temporary);
    await rm(temporary, { recursive: true });
  } catch (error) {
    throw fileError(error, folder);
  }
}

/** What stands in a file: a text, bytes, or pieces of them. */
export type Content = string | Uint8Array | readonly Uint8Array[];

export interface FolderExtras {
  /** Name of a folder in it -> paths of the files whose copies stand there under their names. */
  readonly copies?: ReadonlyMap<string, readonly string[]>;
  /** What an older folder is: what people have put beside our files is kept. Default: nothing of it is. */
  readonly kind?: FolderKind;
}

/**
 * Writes files into a new folder beside `folder`, syncs them and renames the folder to its place. Whoever reads finds
 * the old folder or the new one, never a mixture; an interrupted call leaves the old one.
 * @param files file name -> content, perhaps in pieces; the caller sees to it that an existing `folder` may be replaced
 * @throws InputError where the disk is full or may not be written to
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, Content>,
  { copies = new Map(), kind }: FolderExtras = {},
): Promise<void> {
  const place = resolve(folder);
  const parent = dirname(place);
  const temporary = join(parent, temporaryName(place));
  const old = replaced(place);
  try {
    await mkdir(parent, { recursive: true });
    await removeAbandoned(place);
    await restore(old, place); // left by a writer that was killed
    await mkdir(temporary);
    for (const [name, content] of files) await writeSynced(join(temporary, name), content);
    for (const [name, paths] of copies) {
      await mkdir(join(temporary, name));
      for (const path of paths) await linkOrCopy(path, join(temporary, name, basename(path)));
      await syncFolder(join(temporary, name));
    }
    if (kind && (await exists(place))) {
      const ours = new Set([...files.keys(), ...copies.keys(), ...(await namesOfOurs(place, kind))]);
      await takeOver(place, temporary, (name) => !ours.has(name));
    }
    await syncFolder(temporary);
    if (await exists(place)) {
      await removeFolder(old);
      await renameInUse(place, old);
    }
    await renameInUse(temporary, place);
    await syncFolder(parent);
    // What is wanted is there; the next writer removes the rest
    await removeFolder(old).catch(() => undefined);
  } catch (error) {
    // Whatever comes of it, why it failed is told
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    await restore(old, place).catch(() => undefined);
    throw fileError(error, folder);
  }
}

/**
 * Writes checkpoints that a training can do without: there may be room on the disk the next time.
 * @param warn told once why they cannot be written, and again where that was mended in between
 * @returns what tries to write one
 */
export function checkpointsBy(save: () => Promise<void>, warn: (message: string) => void): () => Promise<void> {
  let told = false;
  return async () => {
    try {
      await save();
      told = false;
    } catch (error) {
      if (!told) warn(`${messageOf(error)}; training goes on without this checkpoint, and tries again later`);
      told = true;
    }
  };
}

/** Gives the folder that was moved aside its name back, where no other has taken it. */
async function restore(old: string, place: string): Promise<void> {
  if (!(await exists(place)) && (await exists(old))) await renameInUse(old, place);
}

/**
 * Removes a folder, if there is one, and what a writer has left of an older one; on Windows again and again where another
 * program reads a file in it.
 */
export async function removeFolder(folder: string): Promise<void> {
  for (const place of [replaced(folder), folder]) await rm(place, { recursive: true, force: true, maxRetries: 10 });
}

/** What of a folder is ours: its description, and what that names. */
async function namesOfOurs(place: string, { file, others = [] }: FolderKind): Promise<string[]> {
  const text = await readFile(join(place, file), 'utf8').catch(() => '');
  const named: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      if ((key === 'file' || key === 'folder') && typeof part === 'string') named.push(part);
      else look(part);
    }
  };
  look(parseJson(text));
  return [file, ...named, ...others];
}

/** Gives the files, links and folders of one folder a second place in another. */
async function takeOver(from: string, to: string, wanted: (name: string) => boolean = () => true): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!wanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(target);
      await takeOver(source, target);
      await syncFolder(target);
    } else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await linkOrCopy(source, target);
  }
}

function temporaryPrefix(place: string): string {
  return `.${basename(place)}.writing-`;
}

function temporaryName(place: string): string {
  return `${temporaryPrefix(place)}${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Removes what writers of this folder left behind that were killed; those of living processes stay. */
async function removeAbandoned(place: string): Promise<void> {
  const prefix = temporaryPrefix(place);
  for (const name of await readdir(dirname(place))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (pid !== process.pid && !isAlive(pid)) await rm(join(dirname(place), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function writeSynced(path: string, content: Content): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    for (const piece of pieces) await file.writeFile(piece); // each behind the one before
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A second name for a file that is never changed in place; where file systems differ or know no such thing, a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    const file = await open(to, 'r+');
    await file.sync().finally(() => file.close());
  }
}

/** Makes the names in a folder durable. Windows cannot open folders and needs no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Whether anything is there. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The same, a link to nothing included. */
async function isNamed(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
