// Perplexity of a language model on sentences that it has not learnt from: full softmax, no dropout (spec section 4).
import { Buffers, type Model, type Program } from '../tensor/index.ts';
import type { EncoderConfig } from './config.ts';
import { evaluationProgram, RUN } from './direction.ts';
import { DIRECTIONS, type Direction } from './network.ts';
import { planWindows, windowShapes } from './sentences.ts';
import { embeddedRows } from './step-inputs.ts';
import type { Perplexity } from './types.ts';

/** Logits that are held at a time: 32 MB of them. */
const LOGITS = 8_000_000;

/** No more words than a step of training has: what it needs was said beforehand. */
const limitsOf = (vocabulary: number, { batchWords }: EncoderConfig) => ({
  few: 1,
  words: Math.max(1, Math.min(batchWords, Math.floor(LOGITS / vocabulary))),
});

const programName = (vocabulary: number, sentences: number, time: number) =>
  `evaluate ${vocabulary} ${sentences}x${time}`;

/** The programs of a direction that `perplexityOf` runs, for vocabularies of these sizes. */
export function evaluationPrograms(
  config: EncoderConfig,
  direction: Direction,
  sizes: readonly number[],
): Record<string, () => Program> {
  const programs = [...new Set(sizes)].flatMap((size) =>
    windowShapes(limitsOf(size, config)).map(
      (shape) =>
        [
          programName(size, shape.sentences, shape.time),
          () => evaluationProgram(config, direction, size, shape),
        ] as const,
    ),
  );
  return Object.fromEntries(programs);
}

/**
 * @param table [vocabulary, hidden]
 * @param sentences ids; those that are no longer than a window (`LONGEST`) are read whole
 * @param pause called between runs of the engine
 */
export async function perplexityOf(
  models: Readonly<Record<Direction, Model>>,
  table: Float32Array,
  config: EncoderConfig,
  sentences: readonly Int32Array[],
  pause: () => Promise<void>,
): Promise<Perplexity> {
  const { hidden } = config;
  const size = table.length / hidden;
  const buffers = new Buffers();
  const sums = { forward: 0, backward: 0 };
  let words = 0;
  const lengths = sentences.map((ids) => ids.length);
  for (const { shape, windows } of planWindows(lengths, limitsOf(size, config))) {
    const batch = windows.map(({ sentence, start, length }) => sentences[sentence]!.subarray(start, start + length));
    for (const ids of batch) words += ids.length;
    const inputs = { ...embeddedRows([batch], shape, [table], hidden, buffers), table };
    const program = programName(size, shape.sentences, shape.time);
    for (const d of DIRECTIONS) sums[d] += (await models[d].run(program, RUN, inputs)).loss![0]!;
    await pause();
  }
  return { forward: Math.exp(sums.forward / words), backward: Math.exp(sums.backward / words) };
}
