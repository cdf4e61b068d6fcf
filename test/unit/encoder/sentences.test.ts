// Sentences packed into rows: every word once, little padding, and the states of each as if it were alone.
import { expect, it } from 'vitest';
import { encoderConfig } from '../../../server/encoder/config.ts';
import { type RowShape, RUN, statesProgram } from '../../../server/encoder/direction.ts';
import { DIRECTIONS, stackShapes } from '../../../server/encoder/network.ts';
import { type PackedBatch, packWindows, ROW_SHAPES } from '../../../server/encoder/sentences.ts';
import { packedRows } from '../../../server/encoder/step-inputs.ts';
import { Buffers } from '../../../server/tensor/buffers.ts';
import { sizeOf } from '../../../server/tensor/graph/types.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { Random } from '../../../server/tensor/random.ts';
import { expectClose } from '../tensor/agreement.ts';

/** Lengths like those of newspaper sentences: many short ones, some long. */
function randomLengths(count: number): number[] {
  const random = new Random(1, 'lengths');
  return Array.from({ length: count }, () => Math.floor(1 + 30 * -Math.log(1 - random.uniform())));
}

it('packs every word once, in rows that no two windows share a place of, with little padding', () => {
  const lengths = [...randomLengths(400), 0, 128, 300];
  const batches = packWindows(lengths);
  const seen = lengths.map((length) => new Uint8Array(length));
  let places = 0;
  for (const { shape, windows } of batches) {
    expect(ROW_SHAPES).toContain(shape);
    places += shape.rows * shape.time;
    const taken = new Uint8Array(shape.rows * shape.time);
    for (const { window, row, at } of windows) {
      expect(row).toBeLessThan(shape.rows);
      expect(at + window.length).toBeLessThanOrEqual(shape.time);
      for (let t = 0; t < window.length; t++) {
        expect(taken[row * shape.time + at + t]).toBe(0);
        taken[row * shape.time + at + t] = 1;
      }
      for (let t = window.from; t < window.to; t++) seen[window.sentence]![t]!++;
    }
    for (let row = 0; row < shape.rows; row++) {
      const numbers = windows.filter((w) => w.row === row).map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    }
  }
  for (const words of seen) expect(words.every((times) => times === 1)).toBe(true);
  const words = lengths.reduce((sum, length) => sum + length, 0);
  expect(places / words).toBeLessThan(1.15); // rows of one sentence each, of eight lengths: 1.37
});

it.each([
  [[20], { rows: 1, time: 32 }],
  [[16, 16], { rows: 1, time: 32 }],
  [[33], { rows: 1, time: 128 }],
  [[100, 90, 80], { rows: 4, time: 128 }],
] as [number[], RowShape][])('takes a small shape for few words: %j', (lengths, shape) => {
  expect(packWindows(lengths).map((batch) => batch.shape)).toEqual([shape]);
});

it('gives a sentence the states that it has alone, whatever stands before and behind it in its row', async () => {
  const config = { ...encoderConfig('tiny', 'none', false), hidden: 8, filter: 16, heads: 2, layers: 2 };
  const random = new Random(1, 'weights');
  const values = (length: number) => Float32Array.from({ length }, () => random.uniform() - 0.5);
  const table = values(20 * config.hidden);
  const ids = [7, 30, 3, 12, 50, 25].map((length) => Int32Array.from({ length }, () => random.below(20)));
  for (const direction of DIRECTIONS) {
    const shapes = Object.entries(stackShapes(config, direction));
    const weights = Object.fromEntries(shapes.map(([name, shape]) => [name, { shape, data: values(sizeOf(shape)) }]));
    const name = ({ rows, time }: RowShape) => `${rows}x${time}`;
    const programs = ROW_SHAPES.map((shape) => [name(shape), () => statesProgram(config, direction, shape)] as const);
    const model = await ortEngine('cpu').createModel(
      { weights, programs: Object.fromEntries(programs) },
      { threads: 1 },
    );
    const width = (config.layers + 1) * config.hidden;
    const statesOf = async (batch: PackedBatch, own: readonly Int32Array[]) => {
      const inputs = packedRows(batch, own, table, config.hidden, new Buffers());
      const { states } = await model.run(name(batch.shape), RUN, inputs);
      return batch.windows.map(({ window, row, at }) => {
        const from = (row * batch.shape.time + at) * width;
        return [window.sentence, states!.slice(from, from + window.length * width)] as const;
      });
    };
    const [together] = packWindows(ids.map(({ length }) => length));
    expect(together!.windows.filter(({ row }) => row === 0).length).toBeGreaterThan(1);
    for (const [sentence, states] of await statesOf(together!, ids)) {
      const [[, alone]] = (await statesOf(packWindows([ids[sentence]!.length])[0]!, [ids[sentence]!])) as [
        readonly [number, Float32Array],
      ];
      expectClose(states, alone, 1e-5, `${direction}, sentence ${sentence}`);
    }
    await model.dispose();
  }
});
