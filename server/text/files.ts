// Files: read whole and unchanged, written whole or not at all.
import { access, appendFile, constants, type FileHandle, open, readlink, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { decodeText } from './decode.ts';
import { renameInUse } from './rename.ts';
import { InputError, type TextDocument } from './types.ts';

/** V8 holds no longer string; a gzip bomb stops here. */
const LARGEST = 512 * 1024 * 1024;

const REASONS: Record<string, readonly [what: string, remedy: string]> = {
  ENOENT: ['no such file or folder', 'check the path'],
  EACCES: ['permission denied', 'change the permissions of the file or its folder'],
  EPERM: ['not permitted', 'change the permissions of the file or its folder'],
  EISDIR: ['it is a folder', 'name a file in it'],
  ENOTDIR: ['a part of the path is no folder', 'check the path'],
  ENOSPC: ['the disk is full; nothing that was there has changed', 'make room and do it again'],
  EDQUOT: ['the disk quota is used up; nothing that was there has changed', 'make room and do it again'],
  EFBIG: ['the file grows too large for this disk; nothing that was there has changed', 'write it elsewhere'],
  ENAMETOOLONG: ['the name is too long for this disk', 'choose a shorter one'],
  EROFS: ['the disk is read-only', 'write it elsewhere'],
  ELOOP: ['its links lead in a circle', 'name the file itself'],
  EBUSY: ['it is in use, or a disk is mounted there', 'close what uses it, or name another'],
  EMFILE: ['too many files are open', 'close some programs and do it again'],
  ERR_FS_FILE_TOO_LARGE: ['the file is too large', 'split it into files of at most 500 MB'],
};

/** The one message for an error of the file system; other errors are bugs and are returned as they are. */
export function fileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  return reason === undefined ? error : new InputError(reason[0], reason[1], { path });
}

/**
 * Reads a UTF-8 text file; `.gz` is unpacked and `-` is stdin. A byte order mark stays in the text.
 * @throws InputError where the file cannot be read, is no UTF-8 text, or twice changes while it is read.
 */
export async function readTextFile(path: string): Promise<string> {
  if (path === '-') return decodeText(await buffer(process.stdin), '<stdin>');
  const bytes = await readUnchanged(path);
  return decodeText(path.endsWith('.gz') ? await unpack(bytes, path) : bytes, path);
}

async function readUnchanged(path: string): Promise<Buffer> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const bytes = await readOnce(path);
    if (bytes !== undefined) return bytes;
  }
  throw new InputError('the file changes while it is read', 'wait until the other program has written it', { path });
}

/** The bytes, or undefined where size, time or identity of the file were not the same before and after. */
async function readOnce(path: string): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const before = await handle.stat();
    const bytes = await handle.readFile();
    if (!before.isFile()) return bytes;
    const after = await stat(path);
    const same = before.mtimeMs === after.mtimeMs && before.size === after.size && before.ino === after.ino;
    return same && bytes.length === after.size ? bytes : undefined;
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await handle?.close();
  }
}

async function unpack(bytes: Buffer, path: string): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: LARGEST });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new InputError('the unpacked file is larger than 512 MB', 'split it into smaller files', { path });
    }
    throw new InputError('the file is no valid gzip, or is cut off', 'copy it anew, or take .gz off its name', {
      path,
    });
  }
}

/**
 * Writes a text beside `path`, syncs it and renames it to its place, so that the old file stays until the new one is
 * whole; `.gz` is packed. A device, a pipe and `/dev/stdout` are written to, for a rename would replace them.
 * Own code, since write-file-atomic 7 takes one short write for success: on a full disk it replaces the old file by the
 * first part of the new one.
 * @throws InputError where it cannot be written; an old file is intact then, and nothing is left beside it.
 */
export async function writeFileAtomic(path: string, text: string): Promise<void> {
  const bytes = path.endsWith('.gz') ? await promisify(gzip)(text) : Buffer.from(text, 'utf8');
  try {
    const old = await stat(path).catch(() => undefined);
    if (old?.isDirectory()) throw new InputError('it is a folder', 'name a file', { path });
    if (OPEN_FILES.test(resolve(path)) || (old !== undefined && !old.isFile())) await appendFile(path, bytes);
    else await replaceFile(await targetOf(path), bytes, old?.mode);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Names of files that are open already: what was written to them stays. */
const OPEN_FILES = /^\/(?:dev\/(?:stdout$|stderr$|fd\/)|proc\/)/;

/** Where a file stands or would stand: a link is followed, so that it stays, also one to a file that is not there yet. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const link = await readlink(path).catch(() => undefined);
    if (link === undefined) return path;
    return targetOf(resolve(await realpath(dirname(path)), link));
  }
}

/** @param mode of the file that is replaced, which the new one gets too; undefined: there is none */
async function replaceFile(target: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  if (mode !== undefined) {
    // A rename asks for no right to the file itself, and root has all of them.
    if ((mode & 0o222) === 0) {
      throw new InputError('the file is read-only', 'allow writing to it, or name another', { path: target });
    }
    await access(target, constants.W_OK);
  }
  // Not the name of the file and more: it may be as long as names can be.
  const temporary = join(dirname(target), `.crosstag.${process.pid}.${counter++}.tmp`);
  const handle = await open(temporary, 'wx', mode);
  try {
    try {
      // The umask took some of it.
      if (mode !== undefined) await handle.chmod(mode & 0o7777);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameInUse(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

let counter = 0;

/**
 * For what needs something to work on: training and evaluation.
 * @throws InputError where the document holds no token.
 */
export function requireTokens(document: TextDocument, path: string): void {
  if (document.sentences.some((sentence) => sentence.tokens.length > 0)) return;
  const what =
    document.text.trim() === '' ? 'the file is empty' : `the file holds no token in format ${document.format}`;
  throw new InputError(what, 'give a file with sentences, or its format with --format', { path });
}
