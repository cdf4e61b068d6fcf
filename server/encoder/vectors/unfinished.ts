// The vectors of one language alone, kept in `<out>.<language>.unfinished` until those of both are aligned and written.
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readSafetensorsFile, type StateTensor, safetensorsParts } from '../../tensor/index.ts';
import { type Content, isDamage, parseJson, readableFolder, sha256, writeFolder } from '../../text/folder.ts';

/** Everything that the table of a language is a function of. */
export type TableSettings = Readonly<Record<string, string | number>>;

const HEAD = 'settings.json';
const TABLE = 'table.safetensors';
const headSchema = z.strictObject({
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  sha256: z.string(),
});

/**
 * Where the table of a language lies.
 * @param out folder of the vectors when they are finished
 */
export const unfinishedFolder = (out: string, language: string) => `${resolve(out)}.${language}.unfinished`;

/**
 * The table [words, dimension] that was made with these settings. Undefined where there is none, one of other settings, or a
 * damaged one: to make it takes minutes.
 * @throws the system's error where a file cannot be read
 */
export async function readTable(
  out: string,
  language: string,
  settings: TableSettings,
): Promise<StateTensor | undefined> {
  const place = await readableFolder(unfinishedFolder(out, language));
  try {
    const head = headSchema.safeParse(parseJson(await readFile(join(place, HEAD), 'utf8')));
    if (!head.success || !isDeepStrictEqual(head.data.settings, settings)) return undefined;
    const { state, sha256: found } = await readSafetensorsFile(join(place, TABLE));
    return found === head.data.sha256 ? state[language] : undefined;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** Keeps a table. @throws InputError where the disk is full or may not be written to */
export async function writeTable(
  out: string,
  language: string,
  settings: TableSettings,
  table: StateTensor,
): Promise<void> {
  const parts = safetensorsParts({ [language]: table });
  const head = JSON.stringify({ settings, sha256: sha256(...parts) });
  await writeFolder(
    unfinishedFolder(out, language),
    new Map<string, Content>([
      [TABLE, parts],
      [HEAD, head],
    ]),
  );
}

/** Removes what was kept, when all is written. */
export async function removeTables(out: string, languages: readonly string[]): Promise<void> {
  for (const language of languages) await rm(unfinishedFolder(out, language), { recursive: true, force: true });
}
