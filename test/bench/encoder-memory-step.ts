// The program that encoder-memory.ts runs: steps at the size of the paper; prints a MemoryUse.
import { estimateMemory } from '../../server/encoder/index.ts';
import { tableName } from '../../server/encoder/weights.ts';
import { firstMoment, secondMoment } from '../../server/tensor/graph/optimiser.ts';
import { chooseEngine, type State, type StateTensor } from '../../server/tensor/index.ts';
import { configOf, createLearner, LANGUAGES, type LearnerOptions, learnerState } from './encoder-learner.ts';
import type { MemoryUse } from './encoder-memory.ts';

/** Buckets of middling and of the longest sentences, 4,096 words of each language; a step of each goes through all that a training needs. */
const SHAPES = [
  { sentences: 64, time: 64 },
  { sentences: 20, time: 200 },
];

/** Rows of a table that have random numbers; the others are copies of them, which takes a fiftieth of the time. */
const ROWS = 2000;
/** A moment as after many steps, when every row has been touched: zeros would not be in the memory yet. */
const MOMENT = 1e-6;

function wornState(options: LearnerOptions): State {
  const state: Record<string, StateTensor> = {
    ...learnerState({ ...options, config: { ...options.config, vocabulary: ROWS } }),
  };
  const { vocabulary, hidden } = configOf(options);
  const shape = [vocabulary, hidden];
  for (const name of LANGUAGES.map(tableName)) {
    const data = new Float32Array(vocabulary * hidden);
    const rows = state[name]!.data;
    for (let at = 0; at < data.length; at += rows.length) data.set(rows.subarray(0, data.length - at), at);
    state[name] = { shape, data };
    for (const moment of [firstMoment(name), secondMoment(name)]) {
      state[moment] = { shape, data: new Float32Array(data.length).fill(MOMENT) };
    }
  }
  return state;
}

async function main(): Promise<void> {
  const threads = Number(process.argv[2]);
  const options: LearnerOptions = { size: 'paper', languages: 2, linkage: true, config: {}, shapes: SHAPES, threads };
  const learner = await createLearner(options, wornState(options), await chooseEngine());
  const shapes: MemoryUse['shapes'][number][] = [];
  for (const shape of SHAPES) {
    const start = performance.now();
    await learner.step(shape);
    const seconds = (performance.now() - start) / 1000;
    shapes.push({ ...shape, seconds, bytes: process.resourceUsage().maxRSS * 1024 });
  }
  await learner.dispose();
  const config = configOf(options);
  const estimate = estimateMemory(config, [config.vocabulary, config.vocabulary]);
  console.log(JSON.stringify({ shapes, estimate } satisfies MemoryUse));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
