// A pre-training step of the encoder beside PyTorch eager, of one language; and ours with two languages and average linkage.
import type { State } from '../../server/tensor/index.ts';
import { createLearner, type LearnerOptions, learnerState } from './encoder-learner.ts';
import type { Bench } from './main.ts';
import { runPeer } from './peers.ts';
import { median, minimum, number, printTable } from './report.ts';

/** Steps of a round before those that are timed. */
const WARM_UP = 3;

interface Size {
  readonly name: 'tiny' | 'paper';
  readonly about: string;
  readonly shape: { readonly sentences: number; readonly time: number };
  readonly config: LearnerOptions['config'];
  /** Timed steps of a round, of ours and of the peer's. */
  readonly steps: number;
}

/** Where the peer's sizes differ from ours by the same name, and what both leave out. */
const SIZES: readonly Size[] = [
  {
    name: 'tiny',
    about: '2 layers of 128, 512 negatives',
    shape: { sentences: 16, time: 32 },
    config: { negatives: 512, batchWords: 512, dropout: 0 },
    steps: 25,
  },
  {
    name: 'paper',
    about: '6 layers of 512, 8,192 negatives',
    shape: { sentences: 8, time: 64 },
    // Speed depends on the rows that a step touches; fewer words are there sooner.
    config: { vocabulary: 50_000, batchWords: 512, dropout: 0 },
    steps: 5,
  },
];

interface Round {
  readonly minimum: number;
  readonly median: number;
}

export const encoderStep: Bench = {
  name: 'encoder-step',
  about: 'a pre-training step of the encoder beside PyTorch eager, tiny and at the size of the paper',
  async run({ python, rounds, threads }) {
    for (const size of SIZES) await compare(size, { python, rounds, threads });
  },
};

async function compare(
  { name, about, shape, config, steps }: Size,
  { python, rounds, threads }: Parameters<Bench['run']>[0],
): Promise<void> {
  const one: LearnerOptions = { size: name, languages: 1, linkage: false, config, shapes: [shape], threads };
  const two: LearnerOptions = { ...one, languages: 2, linkage: true };
  const states = { one: learnerState(one), two: learnerState(two) };
  const mine: Round[] = [];
  const aligned: Round[] = [];
  const peer: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    mine.push(await ours(one, states.one, steps));
    if (python !== undefined) peer.push(await torch(python, name, steps, threads));
    aligned.push(await ours(two, states.two, steps));
  }
  const best = (found: readonly Round[]) => minimum(found.map((round) => round.minimum));
  const middle = (found: readonly Round[]) => median(found.map((round) => round.median));
  const row = (title: string, found: readonly Round[]) => [title, number(best(found)), number(middle(found))];
  const rows = [row('ours, a stack for each direction', mine)];
  if (peer.length > 0) {
    const ratio = [best(mine) / best(peer), middle(mine) / middle(peer)].map((x) => number(x, 2));
    rows.push(row('PyTorch eager, one stack for both directions', peer));
    rows.push(['ratio (below 1: ours is faster)', ...ratio]);
  }
  rows.push(row('ours, two languages of so many words, average linkage', aligned));
  const words = `2 directions x ${shape.sentences} x ${shape.time} words`;
  // Ours clips, ties the embeddings, and its Adam has the weights of two stacks to go through.
  const title = `encoder-step, ${name}: ${about}, ${words}, ${threads} threads, ${rounds} rounds of ${steps} steps`;
  printTable(`${title}; the step of a pre-training (clipping, tied embeddings) beside a plain one`, HEADER, rows);
}

const HEADER = ['', 'fastest ms', 'median ms'];

async function ours(options: LearnerOptions, state: State, steps: number): Promise<Round> {
  const [shape] = options.shapes;
  const learner = await createLearner(options, state);
  try {
    const first = await learner.step(shape!);
    for (let i = 1; i < WARM_UP; i++) await learner.step(shape!);
    const times: number[] = [];
    let last = first;
    for (let i = 0; i < steps; i++) {
      const start = performance.now();
      last = await learner.step(shape!);
      times.push(performance.now() - start);
    }
    if (!(last < first)) throw new Error(`the loss does not fall, from ${first} to ${last}: this is no training`);
    return { minimum: minimum(times), median: median(times) };
  } finally {
    await learner.dispose();
  }
}

async function torch(python: string, size: string, steps: number, threads: number): Promise<Round> {
  const found = await runPeer<{ min_ms: number; median_ms: number }>(python, 'torch_encoder.py', [
    ...['--work', size, '--threads', String(threads), '--repeats', String(steps)],
  ]);
  return { minimum: found.min_ms, median: found.median_ms };
}
