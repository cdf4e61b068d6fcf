// The wide part beside CRFsuite: the same training sentences for both, F1 on the whole test set, CPU seconds, words/s.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabelledSentence, loadTagger, trainTagger } from '../../server/tagger/index.ts';
import { evaluate } from '../../server/tags/index.ts';
import { type Corpus, corpora, countWords, sample } from './corpora.ts';
import type { Bench } from './main.ts';
import { runPeer } from './peers.ts';
import { cpuSeconds, mean, minimum, number, printTable } from './report.ts';

const COUNTS = [50, 100, 200, 500, 1000, Number.POSITIVE_INFINITY];
/** Passes over the test set; the fastest counts. */
const PASSES = 3;

/** What one side reached in one run. */
interface Result {
  readonly f1: number;
  readonly trainSeconds: number;
  readonly wordsPerSecond: number;
}

function scored(test: readonly LabelledSentence[], tags: readonly (readonly string[])[]): number {
  return evaluate(
    test.map((sentence) => sentence.tags),
    tags,
    'ner',
  ).f1;
}

async function ours({ test, dev }: Corpus, train: readonly LabelledSentence[], seed: number): Promise<Result> {
  const out = mkdtempSync(join(tmpdir(), 'crosstag-bench-'));
  try {
    const options = { task: 'ner', train, dev, parts: 'wide', out, seed, threads: 1 } as const;
    const training = await cpuSeconds(() => trainTagger(options));
    const words = test.map((sentence) => sentence.words);
    const passes: number[] = [];
    let tags: (readonly string[])[] = [];
    for (let pass = 0; pass < PASSES; pass++) {
      // A tagger remembers the words that it has seen: a fresh one for each pass, as the peer forgets them too.
      const tagger = await loadTagger(out, { threads: 1 });
      const { result, seconds } = await cpuSeconds(() => tagger.tag(words));
      await tagger.dispose();
      tags = result.map((sentence) => sentence.tags);
      passes.push(seconds);
    }
    const wordsPerSecond = countWords(test) / minimum(passes);
    return { f1: scored(test, tags), trainSeconds: training.seconds, wordsPerSecond };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function peer(python: string, { test }: Corpus, train: readonly LabelledSentence[]): Promise<Result> {
  const task = {
    train: train.map(({ words, tags }) => [words, tags]),
    test: test.map(({ words }) => words),
    passes: PASSES,
  };
  const { train_cpu_s, tag_cpu_s, tags } = await runPeer<{ train_cpu_s: number; tag_cpu_s: number; tags: string[][] }>(
    python,
    'crfsuite.py',
    [],
    task,
  );
  return { f1: scored(test, tags), trainSeconds: train_cpu_s, wordsPerSecond: countWords(test) / tag_cpu_s };
}

export const wideQuality: Bench = {
  name: 'wide-quality',
  about: 'F1, training time and tagging speed of the wide part beside CRFsuite, from 50 sentences to all',
  async run({ python, rounds }) {
    for (const corpus of await corpora('swa', 'uner-pt')) {
      const rows: string[][] = [];
      for (const count of COUNTS) {
        const whole = count > corpus.train.length;
        const mine: Result[] = [];
        const theirs: Result[] = [];
        // The whole set is the same for every seed; one run of it takes long enough.
        for (let seed = 1; seed <= (whole ? 1 : rounds); seed++) {
          const train = whole ? corpus.train : sample(corpus.train, count, seed);
          mine.push(await ours(corpus, train, seed));
          if (python !== undefined) theirs.push(await peer(python, corpus, train));
        }
        rows.push([whole ? `all (${corpus.train.length})` : String(count), ...compare(mine, theirs)]);
      }
      const title = `wide-quality: ${corpus.name}, mean of ${rounds} samples, CPU seconds and words/s of one thread`;
      const header = [
        'sentences',
        'F1',
        'CRFsuite',
        'difference',
        'train s',
        'CRFsuite',
        'ratio',
        'words/s',
        'CRFsuite',
        'ratio',
      ];
      printTable(title, header, rows);
    }
  },
};

/** F1, seconds and words/s of both with difference and ratios; blanks where the peer did not run. */
function compare(mine: readonly Result[], theirs: readonly Result[]): string[] {
  const both = (pick: (result: Result) => number): [number, number] => [mean(mine.map(pick)), mean(theirs.map(pick))];
  const or = (value: number, digits?: number) => (theirs.length > 0 ? number(value, digits) : '');
  const [f1, peerF1] = both((result) => result.f1);
  const [train, peerTrain] = both((result) => result.trainSeconds);
  const [speed, peerSpeed] = both((result) => result.wordsPerSecond);
  return [
    ...[number(f1, 2), or(peerF1, 2), or(f1 - peerF1, 2)],
    ...[number(train, 2), or(peerTrain, 2), or(train / peerTrain, 2)],
    ...[number(speed, 0), or(peerSpeed, 0), or(speed / peerSpeed, 2)],
  ];
}
