// A pre-training step of the encoder of one language beside two of PyTorch eager: a plain one (a stack for both directions, a
// table of their own for inputs, targets and negatives, no clipping) and the whole one that ours is; and ours with two languages
// and average linkage.
import type { Engine, State } from '../../server/tensor/index.ts';
import { createLearner, type LearnerOptions, learnerState } from './encoder-learner.ts';
import type { Bench, BenchOptions } from './main.ts';
import { runPeer, type TorchDevice } from './peers.ts';
import { median, minimum, printTable } from './report.ts';
import { alternate, type Peers, type Round, stepHeader, stepRows } from './side-by-side.ts';

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

export const encoderStep: Bench = {
  name: 'encoder-step',
  about: 'a pre-training step of the encoder beside PyTorch eager, tiny and at the size of the paper',
  async run(options) {
    for (const size of SIZES) await compare(size, options);
  },
};

async function compare({ name, about, shape, config, steps }: Size, options: BenchOptions): Promise<void> {
  const { threads, rounds, engines } = options;
  const one: LearnerOptions = { size: name, languages: 1, linkage: false, config, shapes: [shape], threads };
  const two: LearnerOptions = { ...one, languages: 2, linkage: true };
  const states = { one: learnerState(one), two: learnerState(two) };
  const peers: Peers = {
    'PyTorch eager': (python, device) => torch(python, name, steps, threads, device),
    'PyTorch eager, whole step': (python, device) => torch(python, `${name}-whole`, steps, threads, device),
  };
  const single = await alternate(options, (engine) => ours(one, engine, states.one, steps), peers);
  const aligned = await alternate(options, (engine) => ours(two, engine, states.two, steps));
  const words = `2 directions x ${shape.sentences} x ${shape.time} words`;
  const title = `encoder-step, ${name}: ${about}, ${words}, ${threads} threads, ${rounds} rounds of ${steps} steps`;
  printTable(title, stepHeader(peers), [
    ...stepRows(single, engines),
    ...stepRows(aligned, engines, 'ours, two languages of so many words, average linkage'),
  ]);
}

async function ours(options: LearnerOptions, engine: Engine, state: State, steps: number): Promise<Round> {
  const [shape] = options.shapes;
  const learner = await createLearner(options, { ...state }, engine);
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

async function torch(
  python: string,
  work: string,
  steps: number,
  threads: number,
  device: TorchDevice,
): Promise<Round> {
  const found = await runPeer<{ min_ms: number; median_ms: number }>(python, 'torch_encoder.py', [
    ...['--work', work, '--threads', String(threads), '--repeats', String(steps), '--device', device],
  ]);
  return { minimum: found.min_ms, median: found.median_ms };
}
