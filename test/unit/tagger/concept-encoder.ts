// A small encoder whose states follow from words alone: a word and its translation have the same ones. It stands in a
// folder, as every encoder does, and any text file of it counts in its fingerprint.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Encoder } from '../../../server/encoder/types.ts';
import type { OpenEncoder } from '../../../server/tagger/index.ts';
import { InputError } from '../../../server/text/types.ts';

export const LAYERS = 3;
export const HIDDEN = 4;

/** `en` knows the left words, `es` the right ones. */
export const PAIRS: readonly (readonly [string, string])[] = [
  ['in', 'en'],
  ['went', 'fue'],
  ['lives', 'vive'],
  ['left', 'dejó'],
  ['to', 'a'],
  ['yesterday', 'ayer'],
  ['amina', 'አሚና'],
  ['zoë', 'زوي'],
  ['nairobi', 'नैरोबी'],
  ['paulo', '保罗'],
];

/** What has been asked of encoders of this process. */
export const asked = { sentences: 0, disposed: 0 };

export async function writeEncoder(folder: string, seed = 'a'): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'encoder.json'), JSON.stringify({ seed }));
  await writeFile(join(folder, 'vocabulary.en.txt'), PAIRS.map(([en]) => en).join('\n'));
  await writeFile(join(folder, 'log.jsonl'), '{}\n');
  return folder;
}

export const openConcepts: OpenEncoder = async (folder) => {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    if (name !== 'log.jsonl') hash.update(await readFile(join(folder, name)));
  }
  const concepts = {
    en: new Map(PAIRS.map(([en]) => [en, en])),
    es: new Map(PAIRS.map(([en, es]) => [es, en])),
  };
  const mapOf = (language: string) => {
    const map = new Map(Object.entries(concepts)).get(language);
    if (map) return map;
    throw new InputError(`the encoder does not know the language ${language}`, 'name en or es', { path: folder });
  };
  const encoder: Encoder = {
    languages: ['en', 'es'],
    layers: LAYERS,
    hidden: HIDDEN,
    fingerprint: hash.digest('hex'),
    async states(sentences, language, pause) {
      const map = mapOf(language);
      await pause();
      asked.sentences += sentences.length;
      return sentences.map((words) => {
        const rows = new Float32Array(words.length * 2 * LAYERS * HIDDEN);
        words.forEach((word, t) => {
          const neighbour = words[t - 1] ?? '';
          rows.set(vectorOf(map.get(word.toLowerCase()) ?? 'unknown', neighbour), t * 2 * LAYERS * HIDDEN);
        });
        return rows;
      });
    },
    knows: (word, language) => mapOf(language).has(word.toLowerCase()),
    rank(word, language) {
      const place = [...mapOf(language).keys()].indexOf(word.toLowerCase());
      return place < 0 ? Infinity : place;
    },
    async dispose() {
      asked.disposed++;
    },
  };
  return encoder;
};

/** [2 * LAYERS * HIDDEN], from -2 to 2; a little of it comes from the word before, as in a text. */
function vectorOf(concept: string, before: string): Float32Array {
  const digest = createHash('sha512').update(concept).digest();
  const other = createHash('sha512').update(before).digest();
  return Float32Array.from({ length: 2 * LAYERS * HIDDEN }, (_, i) => digest[i]! / 64 - 2 + other[i]! / 4096);
}
