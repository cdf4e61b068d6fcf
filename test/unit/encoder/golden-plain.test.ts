// What the encoder computes outside of any graph gives the numbers of the original code.
import { describe, expect, it } from 'vitest';
import { identicalStrings, pullTogether } from '../../../server/encoder/alignment/translations.ts';
import { ADAM } from '../../../server/encoder/direction.ts';
import { timingSignal } from '../../../server/encoder/network.ts';
import { RowGradients } from '../../../server/encoder/row-gradients.ts';
import { learningRate, releasedRate } from '../../../server/encoder/schedule.ts';
import { adamInputs, OutsideWeight, Random } from '../../../server/tensor/index.ts';
import { expectClose, expectSameGradient, flat, golden, hasGolden, type Nested } from '../tagger/deep/golden.ts';

type Named = Record<string, Nested>;

describe.skipIf(!hasGolden)('the original code', () => {
  it('gives the same timing signal', () => {
    const file = golden<{ cases: { T: number; H: number; signal: Nested }[]; tolerance: number }>('timing-signal');
    expect(file.cases.length).toBe(4);
    for (const { T, H, signal } of file.cases) {
      expectClose(timingSignal(T, H), signal, file.tolerance);
    }
  });

  interface Identical {
    vocabulary: Record<string, string[]>;
    embedding: Named;
    shared: Record<string, string[]>;
    cases: Record<string, { languages: string[]; mean_over_languages: number; gradient_of_mean: Named }>;
    tolerance: number;
  }

  it('finds the same shared words and pulls them together in the same way', () => {
    const file = golden<Identical>('align-identical');
    for (const { languages, mean_over_languages, gradient_of_mean } of Object.values(file.cases)) {
      const vocabularies = languages.map((language) => {
        const words = file.vocabulary[language]!;
        return { words, index: new Map(words.map((word, row) => [word, row])) };
      });
      const shared = identicalStrings(vocabularies);
      for (const { first, second, rows } of shared) {
        const words = [...rows].filter((_, i) => i % 2 === 0).map((row) => vocabularies[first]!.words[row]!);
        expect(words.sort()).toEqual([...file.shared[`${languages[first]}-${languages[second]}`]!].sort());
      }
      const tables = languages.map((language) => flat(file.embedding[language]!));
      const gradients = vocabularies.map(({ words }) => new RowGradients(words.length, 6));
      const loss = pullTogether(shared, 100, tables, gradients);
      expectClose([loss], [mean_over_languages], file.tolerance);
      languages.forEach((language, l) => {
        expectClose(gradients[l]!.dense(), gradient_of_mean[language]!, file.tolerance);
        expectSameGradient(gradients[l]!.dense(), gradient_of_mean[language]!);
      });
    }
  });

  it('takes the same steps of Adam, rows that are all touched', () => {
    interface Step {
      gradient: number[];
      clipped: number[];
      m: number[];
      v: number[];
      w: number[];
    }
    const file = golden<{
      vector: { lr: number; start: number[]; global_norm: Step[]; no_clipping: Step[] };
      tolerance: number;
    }>('adam-steps');
    const { lr, start, global_norm, no_clipping } = file.vector;
    for (const [clip, steps] of [
      [5, global_norm],
      [Number.POSITIVE_INFINITY, no_clipping],
    ] as const) {
      const weight = new OutsideWeight('w', { w: { shape: [1, 5], data: Float32Array.from(start) } }, ADAM);
      const gradients = new RowGradients(1, 5);
      steps.forEach(({ gradient, m, v, w }, i) => {
        gradients.add(0, Float32Array.from(gradient), 0);
        const norm = Math.sqrt(gradients.squares());
        const adam = adamInputs(i + 1, { ...ADAM, learningRate: lr });
        const step = { rate: adam['adam.rate']![0]!, epsilon: adam['adam.epsilon']![0]! };
        gradients.apply(weight, norm > clip ? clip / norm : 1, step);
        expectClose(weight.data, w, file.tolerance);
        expectClose(weight.state()['w.adam.m']!.data, m, file.tolerance);
        expectClose(weight.state()['w.adam.v']!.data, v, file.tolerance);
      });
    }
  });

  it('changes the learning rates in the same way', () => {
    interface Schedule {
      peak: number;
      rates: { step: number; lr: number }[];
    }
    const { schedules } = golden<{
      schedules: {
        none: Schedule;
        sqrt: Schedule & { warmup_steps: number };
        exp: Schedule;
        embedding: Schedule & { pre_steps: number; post_steps: number };
      };
    }>('adam-steps');
    for (const schedule of ['none', 'sqrt', 'exp'] as const) {
      const { peak, rates } = schedules[schedule];
      for (const { step, lr } of rates) {
        const rate = learningRate(step, { learningRate: peak, schedule, warmup: schedules.sqrt.warmup_steps });
        expect(Math.abs(rate - lr)).toBeLessThanOrEqual(1e-6 * peak);
      }
    }
    const { peak, pre_steps, post_steps, rates } = schedules.embedding;
    for (const { step, lr } of rates) {
      expect(Math.abs(releasedRate(step, peak, [pre_steps, post_steps]) - lr)).toBeLessThanOrEqual(1e-6 * peak);
    }
  });
});

describe('rows of a table', () => {
  it('have no gradient where two words have the same vector', () => {
    const table = Float32Array.from([1, 2, 3, 4]);
    const gradients = [new RowGradients(2, 2), new RowGradients(2, 2)];
    const shared = [{ first: 0, second: 1, rows: Int32Array.of(1, 1) }];
    expect(pullTogether(shared, 100, [table, table], gradients)).toBe(0);
    expect([...gradients[0]!.dense()]).toEqual([0, 0, 0, 0]);
  });

  it('are pulled in a sample as they are all together, on average', () => {
    const random = new Random(1, 'rows');
    const [a, b] = [0, 1].map(() => Float32Array.from({ length: 40 }, () => random.uniform()));
    const shared = [{ first: 0, second: 1, rows: Int32Array.from({ length: 20 }, (_, i) => i >> 1) }];
    const losses = Array.from({ length: 400 }, () =>
      pullTogether(shared, 1, [a!, b!], [new RowGradients(10, 4), new RowGradients(10, 4)], 3, random),
    );
    const whole = pullTogether(shared, 1, [a!, b!], [new RowGradients(10, 4), new RowGradients(10, 4)]);
    expect(losses.reduce((sum, x) => sum + x, 0) / losses.length).toBeCloseTo(whole, 1);
  });

  it('move when they are touched and not otherwise, whatever the size of the table', () => {
    const ones = new Float32Array(200_000 * 4).fill(1);
    const weight = new OutsideWeight('w', { w: { shape: [200_000, 4], data: ones } }, ADAM);
    const gradients = new RowGradients(200_000, 4);
    gradients.add(7, Float32Array.of(1, -1, 2, 0), 0);
    gradients.add(7, Float32Array.of(1, -1, 2, 0), 0, 0.5);
    gradients.add(199_999, Float32Array.of(0, 0, 0, 3), 0);
    expect(gradients.squares()).toBeCloseTo(2.25 + 2.25 + 9 + 9);
    gradients.apply(weight, 1, { rate: 0.1, epsilon: 1e-9 });
    const moved = new Set<number>();
    weight.data.forEach((x, i) => {
      if (x !== 1) moved.add(Math.floor(i / 4));
    });
    expect([...moved]).toEqual([7, 199_999]);
    expect(gradients.squares()).toBe(0);
  });
});

it('leaves out words of letters that mean other things, and keeps the others', () => {
  const vocabulary = (words: string[]) => ({ words, index: new Map(words.map((word, row) => [word, row])) });
  const filler = (language: string) => Array.from({ length: 400 }, (_, i) => `${language}${i}`);
  const english = vocabulary(['<eos>', '<unk>', '1984', 'radio', ...filler('en'), 'de', 'ዓለም']);
  const spanish = vocabulary(['<eos>', '<unk>', 'de', 'ዓለም', ...filler('es'), 'radio', '1984']);
  const shared = (ratio?: number) => {
    const { rows } = identicalStrings([english, spanish], ratio)[0]!;
    return [...rows].filter((_, i) => i % 2 === 0).map((row) => english.words[row]);
  };
  expect(shared()).toEqual(['<eos>', '<unk>', '1984', 'radio', 'de', 'ዓለም']);
  expect(shared(30)).toEqual(['<eos>', '<unk>', '1984']);
  expect(shared(40)).toEqual(shared());
});
