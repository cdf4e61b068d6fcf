// A small encoder whose states follow from words alone: a word and its translation have the same ones. It stands in a
// folder, as every encoder does; its weights are not what it computes with.
import { createHash } from 'node:crypto';
import { encoderConfig } from '../../../server/encoder/config.ts';
import {
  type EncoderFacts,
  readEncoderDescription,
  writeEncoder as writeFolder,
} from '../../../server/encoder/folder.ts';
import type { Encoder } from '../../../server/encoder/types.ts';
import { EncoderVocabulary, SPECIAL_WORDS } from '../../../server/encoder/vocabulary.ts';
import type { OpenEncoder } from '../../../server/tagger/index.ts';
import { InputError } from '../../../server/text/types.ts';
import { oneLayer } from '../encoder/one-layer.ts';

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

/** @param seed encoders of two seeds have two fingerprints, and are alike otherwise */
export async function writeEncoder(folder: string, seed = 1): Promise<string> {
  const facts: EncoderFacts = {
    template: 'none',
    size: 'tiny',
    configuration: encoderConfig('tiny', 'none', false),
    languages: ['en', 'es'].map((language) => ({
      language,
      corpus: { sha256: '0'.repeat(64), sentences: 1, words: 1, covered: 1 },
    })),
    metrics: { steps: 1, words: 1, seconds: 1, perplexity: {}, alignment: {} },
    seed,
    engine: 'cpu',
    crosstag: '1.0.0',
    created: '2026-01-01T00:00:00Z',
  };
  const vocabularies = [0, 1].map((i) => new EncoderVocabulary([...SPECIAL_WORDS, ...PAIRS.map((pair) => pair[i]!)]));
  const weights = { seed: { shape: [1], data: Float32Array.of(seed) } };
  await writeFolder(folder, facts, vocabularies, weights, '{}\n');
  return folder;
}

export const openConcepts: OpenEncoder = async (folder) => {
  const { fingerprint } = await readEncoderDescription(folder);
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
    fingerprint,
    async states(sentences, language, pause, layer) {
      const map = mapOf(language);
      await pause();
      asked.sentences += sentences.length;
      return sentences.map((words) => {
        const rows = new Float32Array(words.length * 2 * LAYERS * HIDDEN);
        words.forEach((word, t) => {
          const neighbour = words[t - 1] ?? '';
          rows.set(vectorOf(map.get(word.toLowerCase()) ?? 'unknown', neighbour), t * 2 * LAYERS * HIDDEN);
        });
        return oneLayer(rows, { layers: LAYERS, hidden: HIDDEN }, layer);
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
