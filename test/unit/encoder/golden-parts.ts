// Parts of the encoder's graphs beside the numbers of the original code: states, losses, alignment.
import { expect, it } from 'vitest';
import { adversary, discriminatorShapes, ramp } from '../../../server/encoder/alignment/adversarial.ts';
import {
  type Alignment,
  averageLinkage,
  type Cloud,
  cosineLinkage,
} from '../../../server/encoder/alignment/linkage.ts';
import { meansAndDeviations } from '../../../server/encoder/alignment/moments.ts';
import { fullSoftmax, type LanguageModelLoss, sampledSoftmax } from '../../../server/encoder/language-model.ts';
import { DIRECTIONS, type Direction, embed, stackStates } from '../../../server/encoder/network.ts';
import { RowGradients } from '../../../server/encoder/row-gradients.ts';
import { expectedCount } from '../../../server/encoder/sampling.ts';
import { embeddedRows, negativeInputs } from '../../../server/encoder/step-inputs.ts';
import { tableName } from '../../../server/encoder/weights.ts';
import {
  Buffers,
  type Engine,
  Graph,
  gradients,
  type Node,
  type State,
  type TypedArray,
} from '../../../server/tensor/index.ts';
import { expectClose, expectSameGradient, flat, golden, type Nested, shapeOf, stateOf } from '../tagger/deep/golden.ts';
import { type GoldenConfig, type Ids, LANGUAGES, type Named, run, sentencesOf } from './golden-shared.ts';
export function goldenParts(engine: Engine): void {
  it('gives the same states, padding masked', async () => {
    const file = golden<{
      config: GoldenConfig;
      ids: Ids;
      weights: Named;
      states_padding_masked: Record<string, Record<Direction, Nested[]>>;
      tolerance: number;
    }>('encoder-states');
    const weights = stateOf(file.weights);
    for (const language of LANGUAGES) {
      const ids = file.ids[language]!;
      const [sentences, time] = [ids.length, ids[0]!.length];
      const table = weights[tableName(language)]!.data;
      const { hidden } = file.config;
      const shape = { sentences, time };
      const inputs = embeddedRows([sentencesOf(ids)], shape, [table], hidden, new Buffers());
      for (const direction of DIRECTIONS) {
        const g = new Graph();
        const rows = g.input('rows', [sentences, time + 2, hidden]);
        const lengths = g.input('lengths', [sentences], 'int32');
        const mask = g.reshape(g.transpose(g.sequenceMask(lengths, time), [1, 0]), [sentences, time, 1]);
        const x = embed(g, g.slice(rows, 1, 1, time), mask);
        const states = stackStates(g, x, mask, file.config, direction);
        const outputs = Object.fromEntries(states.map((s, i) => [String(i), s]));
        const found = await run(engine, g, outputs, weights, inputs);
        file.states_padding_masked[language]![direction].forEach((expected, i) => {
          expectClose(found[String(i)]!, expected, file.tolerance);
        });
      }
    }
  });

  it('gives the same full-softmax losses, smoothed and not', async () => {
    interface Part {
      loss: number;
      per_token: Nested;
    }
    type ByLanguage = { padding_masked: { languages: Record<string, Record<Direction, Part>> } };
    const file = golden<{
      config: GoldenConfig & { confidence: number };
      ids: Ids;
      weights: Named;
      evaluation: ByLanguage;
      training_full_softmax: ByLanguage;
      tolerance: number;
    }>('lm-loss');
    const cases = [
      [1, file.evaluation],
      [file.config.confidence, file.training_full_softmax],
    ] as const;
    for (const [confidence, expected] of cases) {
      for (const language of LANGUAGES) {
        for (const direction of DIRECTIONS) {
          const part = expected.padding_masked.languages[language]![direction];
          const found = await languageModel(engine, file, language, direction, (g, inputs, table) =>
            fullSoftmax(g, inputs, g.input('table', table.shape), confidence),
          );
          expectClose(found.perWord!, part.per_token, file.tolerance);
          const words = file.ids[language]!.flat().filter((id) => id !== 0).length;
          const loss = found.perWord!.reduce((a, b) => a + b, 0) / (words + 0.01);
          expectClose([loss], [part.loss], file.tolerance);
        }
      }
    }
  });

  it('gives the same sampled softmax and its gradient for the tied embedding', async () => {
    interface Case {
      language: string;
      backward_stack: string;
      bias: number[];
      sampled: number[];
      num_tries: number;
      loss: number;
      forward: { per_token: Nested };
      backward: { per_token: Nested };
      gradient_of_loss_for_embedding: Nested;
    }
    const file = golden<{ config: GoldenConfig; ids: Ids; weights: Named; cases: Case[]; tolerance: number }>(
      'sampled-softmax',
    );
    const cases = file.cases.filter(
      ({ backward_stack, bias }) => backward_stack === 'padding_masked' && bias.every((b) => b === 0),
    );
    expect(cases.length).toBe(2);
    for (const { language, sampled, num_tries, gradient_of_loss_for_embedding, ...parts } of cases) {
      const table = stateOf(file.weights)[tableName(language)]!;
      const sum = new RowGradients(table.shape[0]!, table.shape[1]!);
      for (const direction of DIRECTIONS) {
        const ids = Int32Array.from(sampled);
        const found = await languageModel(
          engine,
          file,
          language,
          direction,
          (g, inputs) =>
            sampledSoftmax(
              g,
              inputs,
              g.input('negatives.0', [ids.length, file.config.hidden]),
              g.input('correction.0', [ids.length]),
              g.input('own.0', [inputs.states.shape[0]!]),
              g.input('hit.0', [inputs.states.shape[0]!]),
            ),
          { ids, tries: num_tries },
        );
        expectClose(found.perWord!, parts[direction].per_token, file.tolerance);
        const rows = file.ids[language]!;
        const time = rows[0]!.length;
        rows.forEach((row, s) => {
          [0, ...row, 0].forEach((id, t) => {
            sum.add(id, found['rows.gradient']!, (s * (time + 2) + t) * file.config.hidden);
          });
        });
        ids.forEach((id, i) => {
          sum.add(id, found['negatives.0.gradient']!, i * file.config.hidden);
        });
      }
      expectSameGradient(sum.dense(), gradient_of_loss_for_embedding);
    }
  });

  it('expects the same counts of samples', () => {
    interface Counts {
      range_max: number;
      num_sampled: number;
      num_tries: number;
      sampled: number[];
      sampled_expected: number[];
    }
    const file = golden<{
      expected_counts: Counts[];
      expected_counts_paper_size: {
        range_max: number;
        num_sampled: number;
        num_tries: number;
        ids: number[];
        expected: number[];
      };
    }>('sampled-softmax');
    for (const { range_max, num_sampled, num_tries, sampled, sampled_expected } of file.expected_counts) {
      const counts = sampled.map((id) => expectedCount(id, range_max, num_sampled, num_tries));
      expectClose(counts, sampled_expected, 1e-7);
    }
    const { range_max, num_sampled, num_tries, ids, expected } = file.expected_counts_paper_size;
    const counts = ids.map((id) => expectedCount(id, range_max, num_sampled, num_tries));
    expectClose(counts, expected, 1e-7);
  });

  interface AlignmentFile {
    mask: Named;
    hidden: Record<string, Nested[]>;
    cases: Record<string, { languages: string[]; loss: number; gradient: Record<string, Nested[]> }>;
    tolerance: number;
  }

  type Build = (g: Graph, clouds: Cloud[], name: string) => Alignment;
  const builds: [string, Build][] = [
    ['align-avl-l2', (g, clouds, name) => averageLinkage(g, clouds, 1, !name.includes('without'))],
    ['align-avl-cos', (g, clouds, name) => cosineLinkage(g, clouds, 1, !name.includes('without'))],
    [
      'align-mv',
      (g, clouds, name) =>
        meansAndDeviations(g, clouds, {
          mean: name.includes('std_only') ? 0 : 0.1,
          deviation: name.includes('mean_only') ? 0 : 0.01,
        }),
    ],
  ];
  it.each(builds)('gives the same losses and gradients: %s', async (name, build) => {
    const file = golden<AlignmentFile>(name);
    for (const [title, { languages, loss, gradient }] of Object.entries(file.cases)) {
      const tensors = file.hidden[languages[0]!]!.length;
      let sum = 0;
      for (let i = 0; i < tensors; i++) {
        const g = new Graph();
        const inputs: Record<string, Float32Array> = {};
        const clouds = languages.map((language) => cloudOf(g, language, file, i, inputs));
        const aligned = build(g, clouds, title);
        const found = gradients(
          g,
          aligned.outputs,
          clouds.map(({ states }) => states),
        );
        const outputs = {
          ...Object.fromEntries(aligned.losses.map((loss, pair) => [`loss.${pair}`, loss])),
          ...Object.fromEntries(languages.map((language, l) => [language, found[l]!])),
        };
        const result = await run(engine, g, outputs, {}, inputs);
        aligned.losses.forEach((_, pair) => {
          sum += result[`loss.${pair}`]![0]!;
        });
        for (const language of languages) {
          expectClose(result[language]!, gradient[language]![i]!, file.tolerance);
          expectSameGradient(result[language]!, gradient[language]![i]!);
        }
      }
      expectClose([sum], [loss], file.tolerance);
    }
  });

  it('gives the same discriminator, loss and reversed gradient', async () => {
    interface Case {
      languages: string[];
      /** `flip`: gradient reversal. */
      kind: 'flip' | 'entropy';
      hidden: number;
      step: number;
      alpha: number;
      weights: Named;
      added_loss: number;
      discriminator_loss: number;
      gradient_of_discriminator_loss: Named;
      gradient_of_added_loss: Record<string, Nested[]>;
    }
    const file = golden<{
      mask: Named;
      hidden: Record<string, Nested[]>;
      settings: { peak: number; pre_steps: number; post_steps: number };
      ramp: { step: number; alpha: number }[];
      cases: Case[];
      tolerance: number;
    }>('adversarial');
    const { peak, pre_steps, post_steps } = file.settings;
    for (const { step, alpha } of file.ramp) {
      expect(ramp(step, { peak, from: pre_steps, to: post_steps })).toBeCloseTo(alpha, 10);
    }
    for (const { languages, kind, hidden, alpha, weights, ...expected } of file.cases) {
      const g = new Graph();
      const inputs: Record<string, Float32Array> = { alpha: Float32Array.of(alpha) };
      // The original's entropy runs over padding too: there every word counts in the golden numbers.
      const everywhere = kind === 'entropy';
      const layers = languages.map((language) =>
        file.hidden[language]!.map((_, i) => cloudOf(g, language, file, i, inputs, everywhere)),
      );
      const clouds = layers.map((own) => ({
        states: g.concat(
          own.map(({ states }) => states),
          1,
        ),
        mask: own[0]!.mask,
      }));
      const manner = kind === 'flip' ? 'reversal' : 'entropy';
      const found = adversary(g, clouds, hidden, manner, g.input('alpha', []));
      const targets = layers.flat().map(({ states }) => states);
      const ofStates = gradients(g, found.outputs, targets);
      const outputs: Record<string, Node> = { ...found.weights, loss: found.loss, added: found.added };
      ofStates.forEach((node, i) => {
        outputs[`states.${i}`] = node;
      });
      const shapes = discriminatorShapes({ input: clouds[0]!.states.shape[1]!, hidden, languages: languages.length });
      expect(Object.keys(shapes).sort()).toEqual(Object.keys(weights).sort());
      const result = await run(engine, g, outputs, stateOf(weights), inputs);
      const gradient = languages.flatMap((language) => expected.gradient_of_added_loss[language]!);
      gradient.forEach((numbers, i) => {
        expectClose(result[`states.${i}`]!, numbers, file.tolerance);
      });
      expectClose(result.added!, [expected.added_loss], file.tolerance);
      if (everywhere) continue;
      expectClose(result.loss!, [expected.discriminator_loss], file.tolerance);
      for (const [name, numbers] of Object.entries(expected.gradient_of_discriminator_loss)) {
        expectClose(result[name]!, numbers, file.tolerance);
      }
    }
  });
}

function cloudOf(
  g: Graph,
  language: string,
  { mask, hidden }: { mask: Named; hidden: Record<string, Nested[]> },
  tensor: number,
  inputs: Record<string, Float32Array>,
  everywhere = false,
): Cloud {
  const states = hidden[language]![tensor]!;
  const [batch, time, width] = shapeOf(states) as [number, number, number];
  const name = `${language}.${tensor}`;
  inputs[name] = flat(states);
  inputs[`${language}.mask`] = everywhere ? flat(mask[language]!).fill(1) : flat(mask[language]!);
  return {
    states: g.input(name, [batch * time, width]),
    mask: g.input(`${language}.mask`, [batch * time, 1]),
  };
}

type Inputs = Parameters<typeof fullSoftmax>[1];

/** The loss of every word, and the gradients for rows and negatives of the loss as it enters training. */
async function languageModel(
  engine: Engine,
  { config, ids, weights }: { config: GoldenConfig; ids: Ids; weights: Named },
  language: string,
  direction: Direction,
  build: (g: Graph, inputs: Inputs, table: State[string]) => LanguageModelLoss,
  samples?: { ids: Int32Array; tries: number },
) {
  const state = stateOf(weights);
  const table = state[tableName(language)]!;
  const rowIds = ids[language]!;
  const [sentences, time] = [rowIds.length, rowIds[0]!.length];
  const shape = { sentences, time };
  const words = sentences * time;
  const { hidden } = config;
  const own = sentencesOf(rowIds);
  const g = new Graph();
  const rows = g.input('rows', [sentences, time + 2, hidden]);
  const lengths = g.input('lengths', [sentences], 'int32');
  const mask = g.reshape(g.transpose(g.sequenceMask(lengths, time), [1, 0]), [sentences, time, 1]);
  const states = stackStates(g, embed(g, g.slice(rows, 1, 1, time), mask), mask, config, direction);
  const targets = g.slice(rows, 1, direction === 'forward' ? 2 : 0, time);
  const flatMask = g.reshape(mask, [words]);
  const count = own.reduce((sum, s) => sum + s.length, 0);
  const loss = build(
    g,
    {
      states: g.reshape(states.at(-1)!, [words, hidden]),
      targets: g.reshape(targets, [words, hidden]),
      mask: flatMask,
      weight: g.mul(flatMask, 1 / (count + 0.01)),
    },
    table,
  );
  const buffers = new Buffers();
  const outputs: Record<string, Node> = { perWord: loss.perWord };
  const inputs: Record<string, TypedArray> = { ...embeddedRows([own], shape, [table.data], hidden, buffers) };
  if (samples) {
    const negatives = g.input('negatives.0', [samples.ids.length, hidden]);
    const [ofRows, ofNegatives] = gradients(g, loss.outputs, [rows, negatives]);
    Object.assign(outputs, { 'rows.gradient': ofRows, 'negatives.0.gradient': ofNegatives });
    Object.assign(inputs, negativeInputs(samples, 0, direction, own, shape, table.data, hidden, buffers));
  } else inputs.table = table.data;
  return run(engine, g, outputs, state, inputs);
}
