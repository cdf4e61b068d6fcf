// What takes long and is made of one language alone, kept in `<out>.<language>.unfinished` until the whole is written: its
// counted words, its vectors.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type Content,
  isDamage,
  parseJson,
  readableFolder,
  removeFolder,
  sha256,
  writeFolder,
} from '../text/folder.ts';

const HEAD = 'settings.json';
const CONTENT = 'content';
const settingsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const headSchema = z.strictObject({ settings: settingsSchema, sha256: z.string() });

/** Everything that the content is a function of. */
export type UnfinishedSettings = Readonly<z.infer<typeof settingsSchema>>;

/**
 * Where the part of a language lies.
 * @param out folder of the finished whole
 */
export const unfinishedFolder = (out: string, language: string) => `${resolve(out)}.${language}.unfinished`;

/** The languages of which a part lies there. */
export const unfinishedLanguages = (out: string, languages: readonly string[]) =>
  languages.filter((language) => existsSync(unfinishedFolder(out, language)));

/**
 * What was made with these settings. Undefined where there is nothing, something of other settings, or something damaged: it is
 * made anew.
 * @throws the system's error where a file cannot be read
 */
export async function readUnfinished(
  out: string,
  language: string,
  settings: UnfinishedSettings,
): Promise<Uint8Array | undefined> {
  const place = await readableFolder(unfinishedFolder(out, language));
  try {
    const head = headSchema.safeParse(parseJson(await readFile(join(place, HEAD), 'utf8')));
    if (!head.success || !isDeepStrictEqual(head.data.settings, settings)) return undefined;
    const content = await readFile(join(place, CONTENT));
    return sha256(content) === head.data.sha256 ? content : undefined;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** Keeps a part, in pieces. @throws InputError where the disk is full or may not be written to */
export async function writeUnfinished(
  out: string,
  language: string,
  settings: UnfinishedSettings,
  content: readonly Uint8Array[],
): Promise<void> {
  const files = new Map<string, Content>([
    [CONTENT, content],
    [HEAD, JSON.stringify({ settings, sha256: sha256(...content) })],
  ]);
  await writeFolder(unfinishedFolder(out, language), files);
}

/** Removes the parts of these languages, when the whole is written. */
export async function removeUnfinished(out: string, languages: readonly string[]): Promise<void> {
  for (const language of languages) await removeFolder(unfinishedFolder(out, language));
}
