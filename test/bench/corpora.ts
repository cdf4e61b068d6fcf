// The corpora of the benchmark, read with the product's own readers.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelledSentence } from '../../server/tagger/index.ts';
import { convertTags, detectScheme } from '../../server/tags/index.ts';
import { Random } from '../../server/tensor/index.ts';
import { detectFormat, parseDocument, readTextFile } from '../../server/text/index.ts';

export interface Corpus {
  readonly name: string;
  readonly train: readonly LabelledSentence[];
  readonly dev: readonly LabelledSentence[];
  readonly test: readonly LabelledSentence[];
}

const SHARED = '../shared/data/ner';

/** Train, dev and test files by the name of the corpus. */
const FILES: Readonly<Record<string, readonly [string, string, string]>> = {
  swa: [
    join(SHARED, 'masakhaner2/swa.train.txt.gz'),
    join(SHARED, 'masakhaner2/swa.dev.txt.gz'),
    join(SHARED, 'masakhaner2/swa.test.txt.gz'),
  ],
  'uner-pt': [
    join(SHARED, 'uner/pt_bosque-ud-train.iob2.gz'),
    join(SHARED, 'uner/pt_bosque-ud-dev.iob2.gz'),
    join(SHARED, 'uner/pt_bosque-ud-test.iob2.gz'),
  ],
  samples: ['samples/portuguese/train.iob2', 'samples/portuguese/dev.iob2', 'samples/portuguese/test.iob2'],
};

/** The corpora of these names that are here; the shipped samples where there is none. */
export async function corpora(...names: string[]): Promise<Corpus[]> {
  const present = names.filter((name) => FILES[name]?.every((path) => existsSync(path)));
  return Promise.all((present.length > 0 ? present : ['samples']).map(read));
}

async function read(name: string): Promise<Corpus> {
  const [train, dev, test] = await Promise.all(FILES[name]!.map(sentencesOf));
  return { name, train: train!, dev: dev!, test: test! };
}

/** Sentences with BIO tags. Malformed lines (there are some in swa) are read as far as they go, like the peer reads them. */
export async function sentencesOf(path: string): Promise<LabelledSentence[]> {
  const text = await readTextFile(path);
  const document = parseDocument(text, { format: detectFormat(path, text), task: 'ner' });
  const labels = document.sentences.map(({ tokens }) => tokens.map(({ label }) => label));
  const { scheme } = detectScheme(labels);
  return document.sentences.flatMap(({ tokens }, i) =>
    tokens.length === 0
      ? []
      : [
          {
            words: tokens.map(({ form }) => form),
            tags: convertTags(labels[i]!, 'bio', scheme).map((tag) => tag ?? 'O'),
          },
        ],
  );
}

/** A random sample of so many sentences, the same for everyone who asks with this seed. */
export function sample(sentences: readonly LabelledSentence[], count: number, seed: number): LabelledSentence[] {
  return new Random(seed, `sample of ${count}`).shuffle([...sentences]).slice(0, count);
}

export function countWords(sentences: readonly LabelledSentence[]): number {
  return sentences.reduce((sum, { words }) => sum + words.length, 0);
}

/** A CoNLL file of words and tags; words may hold blanks. */
export function asColumns(sentences: readonly LabelledSentence[]): string {
  return sentences.map(({ words, tags }) => `${words.map((word, t) => `${word}\t${tags[t]}\n`).join('')}\n`).join('');
}

/** A CoNLL file without labels: real sentences, again and again, every copy a little different. */
export function unlabelled(sentences: readonly LabelledSentence[], count: number): string {
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const copy = Math.floor(i / sentences.length);
    const { words } = sentences[i % sentences.length]!;
    parts.push(`${words.map((word, t) => `${t === 0 && copy > 0 ? `${word}${copy}` : word}\t_\n`).join('')}\n`);
  }
  return parts.join('');
}
