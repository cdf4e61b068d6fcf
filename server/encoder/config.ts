// All sizes, rates and weights of an encoder in one object, and the four sizes that have a name.
import { z } from 'zod';
import type { Size, Template } from './types.ts';

const size = z.number().int().positive();
const rate = z.number().min(0).max(1);
const weight = z.number().nonnegative();

/** What pulls the languages together, each with its weight in the loss; 0 switches it off (spec section 5). */
export const alignmentSchema = z.strictObject({
  /** Words that are spelt alike in two languages: mean distance of their embeddings. Paper: 100. */
  identical: weight,
  /**
   * Words of letters that are this many times as frequent, by rank, in one language as in the other are left out of them:
   * `de` is a preposition in Spanish and part of a name in English. Undefined: none is (paper).
   */
  ratio: z.number().min(1).optional(),
  /** Given translations, in the same way. */
  pairs: weight,
  /** Means and standard deviations of the states. Paper: 0.1 and 0.01. */
  mean: weight,
  deviation: weight,
  /** Average linkage (energy distance) of the states. Paper: 1. */
  linkage: weight,
  /** Distance of average linkage. */
  distance: z.enum(['l2', 'cosine']),
  /** Whether average linkage subtracts the distances inside each language. */
  selfTerms: z.boolean(),
  /** A discriminator tells the languages apart, the encoder learns to confuse it: the weight at its peak. */
  adversarial: weight,
  /** How it learns that: by the discriminator's gradient, reversed (default), or by the entropy of what it says. */
  adversary: z.enum(['reversal', 'entropy']).optional(),
});

export const encoderConfigSchema = z.strictObject({
  layers: size,
  hidden: size,
  /** Width of the feed-forward part. */
  filter: size,
  heads: size,
  /** Most words of a language, `<eos>` and `<unk>` included. */
  vocabulary: z.number().int().min(3),
  /** Most negatives of the sampled softmax; a vocabulary of fewer words gets the full softmax. */
  negatives: size,
  /** Words of a language in a batch, padding included, at most. */
  batchWords: size,
  /** Longer sentences are left out. */
  maxLength: z.number().int().min(20),
  /** Lengths that are batched together: every bucket of them has programs of its own. */
  bucketWidth: size,
  dropout: rate,
  /** Share of the target in the full softmax of training; the rest goes to all other words. */
  confidence: rate,
  learningRate: z.number().positive(),
  /** `none`: constant; `sqrt`: warm-up, then falling with 1 / sqrt(step); `exp`: times 0.9 every 100 steps. */
  schedule: z.enum(['none', 'sqrt', 'exp']),
  /** Steps of the warm-up of `sqrt`. */
  warmup: size,
  /** Largest global L2 norm of the gradients of an optimiser. */
  clip: z.number().positive(),
  steps: size,
  /** Given vectors learn with a rate that is 0 until the first of these steps and whole at the second. */
  release: z.tuple([z.number().int().nonnegative(), size]),
  /** Sentences of a language that are shuffled together. */
  shuffle: size,
  lowerCase: z.boolean(),
  alignment: alignmentSchema,
});

export type EncoderConfig = z.infer<typeof encoderConfigSchema>;
export type AlignmentConfig = z.infer<typeof alignmentSchema>;

const SHARED = {
  dropout: 0.1,
  confidence: 0.9,
  schedule: 'sqrt',
  clip: 5,
  shuffle: 1_000_000,
  lowerCase: true,
  bucketWidth: 10,
} as const;

/**
 * `paper` is the method's own (spec sections 3, 4, 6). The others are for laptops and evenings: fewer words a step, so that
 * there are more steps in an hour, and a higher rate, which small models bear.
 */
const BY_SIZE: Readonly<Record<Size, Omit<EncoderConfig, 'alignment'>>> = {
  tiny: {
    ...SHARED,
    ...{ layers: 2, hidden: 128, filter: 512, heads: 4, vocabulary: 30_000, negatives: 1024 },
    ...{ batchWords: 512, maxLength: 60, learningRate: 1e-3, warmup: 1000, steps: 20_000, release: [10_000, 30_000] },
  },
  small: {
    ...SHARED,
    ...{ layers: 3, hidden: 256, filter: 1024, heads: 4, vocabulary: 50_000, negatives: 2048 },
    ...{ batchWords: 1024, maxLength: 80, learningRate: 7e-4, warmup: 2000, steps: 50_000, release: [25_000, 75_000] },
  },
  base: {
    ...SHARED,
    ...{ layers: 4, hidden: 384, filter: 1536, heads: 6, vocabulary: 100_000, negatives: 4096 },
    ...{ batchWords: 2048, maxLength: 100, learningRate: 4e-4, warmup: 4000 },
    ...{ steps: 100_000, release: [50_000, 150_000] },
  },
  paper: {
    ...SHARED,
    ...{ layers: 6, hidden: 512, filter: 2048, heads: 8, vocabulary: 200_000, negatives: 8192 },
    ...{ batchWords: 4096, maxLength: 200, learningRate: 1e-4, warmup: 12_000 },
    ...{ steps: 400_000, release: [200_000, 600_000] },
  },
};

const OFF: AlignmentConfig = {
  ...{ identical: 0, pairs: 0, mean: 0, deviation: 0, linkage: 0, adversarial: 0 },
  ...{ distance: 'l2', selfTerms: true },
};

/** The alignment of each template; a word list adds `pairs` to any but `none` (spec sections 5 and 6). */
const BY_TEMPLATE: Readonly<Record<Template, Partial<AlignmentConfig>>> = {
  emb_iden: { identical: 100 },
  layer_mv: { mean: 0.1, deviation: 0.01 },
  layer_avl: { linkage: 1 },
  winit_layer_avl: { linkage: 1 },
  iden_avl: { identical: 10, ratio: 30, linkage: 1 },
  none: {},
};

/**
 * The weight of a word list in the loss. With 100, as the paper has it for identical strings, the pull on a row is many times
 * its gradient in the language model (docs/results.md), which then learns little about the words of the list.
 */
const PAIRS = 10;

/** The configuration of a size and a template. */
export function encoderConfig(size: Size, template: Template, withPairs: boolean): EncoderConfig {
  const alignment = { ...OFF, ...BY_TEMPLATE[template], ...(withPairs && { pairs: PAIRS }) };
  return encoderConfigSchema.parse({ ...BY_SIZE[size], alignment });
}
