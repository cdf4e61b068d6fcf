// Labelled sentences that are made up: enough to learn from in seconds, in several scripts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelledSentence, TrainOptions } from '../../../server/tagger/index.ts';
import { Random } from '../../../server/tensor/index.ts';

const NAMES = ['Amina', 'João', 'አበበ', 'प्रिया', '王芳', 'Zoë', 'محمد', 'Nguyễn'];
const PLACES = ['Nairobi', 'São Paulo', 'አዲስ አበባ', 'नई दिल्ली', '北京', 'القاهرة'];
const VERBS = ['lives in', 'went to', 'left', 'mora em', 'ወደ', 'से', '去', 'في'];

/** Sentences of a name, a verb and a place, tagged PER and LOC in BIO. */
export function sentences(count: number, seed: number): LabelledSentence[] {
  const random = new Random(seed, 'fixture');
  const one = (list: string[]) => list[random.below(list.length)]!;
  return Array.from({ length: count }, () => {
    const words: string[] = [];
    const tags: string[] = [];
    const add = (text: string, label?: string) => {
      text.split(' ').forEach((word, i) => {
        words.push(word);
        tags.push(label === undefined ? 'O' : `${i === 0 ? 'B' : 'I'}-${label}`);
      });
    };
    if (random.below(3) === 0) add('yesterday');
    add(one(NAMES), 'PER');
    add(one(VERBS));
    add(one(PLACES), 'LOC');
    if (random.below(2) === 0) add('.');
    return { words, tags };
  });
}

/** A deep part that trains in a second. */
export const TINY = { words: 8, chars: 4, charHidden: 4, hidden: 8, epochSteps: 15, learningRate: 0.02 } as const;

/** Options for a small training; `out` is to be added. */
export const SMALL: Omit<TrainOptions, 'out'> = {
  task: 'ner',
  train: sentences(60, 1),
  dev: sentences(20, 2),
  parts: 'both',
  deep: TINY,
  threads: 1,
  limits: { epochs: 4 },
};

/** Runs `work` with a new folder, which is removed afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'crosstag-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
