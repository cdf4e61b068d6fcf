// A folder of files that can be made again: found by key, checked before they are trusted, the least recently used ones
// go when there are too many bytes.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { renameInUse } from '../text/rename.ts';

const ENDING = '.cache';
const DIGEST = 32;
/** Milliseconds after which a file that is being written must be that of a killed process. */
const ABANDONED = 3_600_000;

/** Where caches are kept: CROSSTAG_CACHE, or the place that the platform has for them. */
export function cacheHome(environment: NodeJS.ProcessEnv = process.env): string {
  const { CROSSTAG_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (CROSSTAG_CACHE) return CROSSTAG_CACHE;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'crosstag');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'crosstag', 'Cache');
  const home = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(home, 'crosstag');
}

/** An entry is its bytes and their SHA-256, seeded with the key: a damaged, truncated or renamed one is none. */
export class CacheFolder {
  readonly #folder: string;
  /** Bytes of all entries together, at most. */
  readonly #limit: number;
  /** Keys that this process works with: they do not make room for others. */
  readonly #used = new Set<string>();

  constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** Whether there is a sound entry of `size` bytes. It counts as used now; an unsound one is removed. */
  async has(key: string, size: number): Promise<boolean> {
    const path = this.#path(key);
    try {
      const bytes = await readFile(path);
      const content = bytes.subarray(0, -DIGEST);
      if (content.length === size && digestOf(key, content).equals(bytes.subarray(-DIGEST))) {
        this.#used.add(key);
        const now = new Date();
        // In a folder that may only be read this is not possible, and not needed.
        await utimes(path, now, now).catch(() => undefined);
        return true;
      }
    } catch {
      return false;
    }
    await rm(path, { force: true }).catch(() => undefined);
    return false;
  }

  /**
   * Bytes [from, from + size) of an entry that `has` has found, or undefined where they cannot be read any more: another
   * process may have made room.
   */
  read(key: string, from: number, size: number): Uint8Array | undefined {
    let file: number | undefined;
    try {
      file = openSync(this.#path(key), 'r');
      const bytes = new Uint8Array(size);
      return readSync(file, bytes, 0, size, from) === size ? bytes : undefined;
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /**
   * Writes an entry, whole or not at all.
   * @returns false where it does not fit beside those that this process works with
   * @throws the error of the file system
   */
  async write(key: string, content: Uint8Array): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true });
    if (!(await this.#makeRoom(content.length + DIGEST))) return false;
    const path = this.#path(key);
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
    try {
      await writeFile(temporary, Buffer.concat([content, digestOf(key, content)]));
      await renameInUse(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    this.#used.add(key);
    return true;
  }

  /** Removes entries, the least recently used first, until `size` more bytes fit. @returns whether they do */
  async #makeRoom(size: number): Promise<boolean> {
    const entries: { name: string; size: number; used: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const found = await stat(join(this.#folder, name)).catch(() => undefined);
      if (!found?.isFile() || !name.includes(ENDING)) continue;
      if (name.endsWith(ENDING)) entries.push({ name, size: found.size, used: found.mtimeMs });
      else if (Date.now() - found.mtimeMs > ABANDONED) await rm(join(this.#folder, name), { force: true });
    }
    let left = this.#limit - size - entries.reduce((sum, entry) => sum + entry.size, 0);
    const idle = entries.filter(({ name }) => !this.#used.has(name.slice(0, -ENDING.length)));
    for (const entry of idle.sort((a, b) => a.used - b.used)) {
      if (left >= 0) break;
      await rm(join(this.#folder, entry.name), { force: true });
      left += entry.size;
    }
    return left >= 0;
  }

  #path(key: string): string {
    return join(this.#folder, `${key}${ENDING}`);
  }
}

function digestOf(key: string, content: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(content).digest();
}
