// The program that encoder-memory.ts runs: some steps at the size of the paper; prints a MemoryUse.
import { estimateMemory } from '../../server/encoder/index.ts';
import { configOf, createLearner, type LearnerOptions, learnerState } from './encoder-learner.ts';
import type { MemoryUse } from './encoder-memory.ts';

/** Buckets of middling and of the longest sentences, 4,096 words of each language. */
const SHAPES = [
  { sentences: 64, time: 64 },
  { sentences: 20, time: 200 },
];

/** With moments, and with the buffers that the first step leaves behind. */
const STEPS = 2;

async function main(): Promise<void> {
  const threads = Number(process.argv[2]);
  const options: LearnerOptions = { size: 'paper', languages: 2, linkage: true, config: {}, shapes: SHAPES, threads };
  const learner = await createLearner(options, learnerState(options));
  const shapes: MemoryUse['shapes'][number][] = [];
  for (const shape of SHAPES) {
    for (let i = 0; i < STEPS; i++) await learner.step(shape);
    shapes.push({ ...shape, bytes: process.resourceUsage().maxRSS * 1024 });
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
