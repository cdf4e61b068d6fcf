// What stands in model.json and vocabulary.json, field by field.
import { z } from 'zod';
import { deepConfigSchema } from './deep/config.ts';

export const FORMAT = 'crosstag-tagger';
/** Version of the folder's layout; raised when an older Crosstag could not read it. */
export const VERSION = 1;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const dataset = z.strictObject({ sha256: hash, sentences: count, tokens: count });
/** How many sentences count how many times in the loss. */
const weighting = z.strictObject({ weight: z.number().positive(), sentences: count });
const fileHash = z.strictObject({ file: z.string().regex(/^[\w.-]+$/), sha256: hash });
const factor = z.number().min(0).max(1000);

/** Folder of the encoder in that of the model, which is complete in itself and can be moved. */
export const ENCODER = 'encoder';
export const encoderSchema = z.strictObject({
  folder: z.literal(ENCODER),
  fingerprint: hash,
  languages: z.array(z.string()).min(1),
  /** Where the encoder stood when the tagger was trained, for the record. */
  origin: z.strictObject({ relative: z.string(), absolute: z.string() }),
});

const fields = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  task: z.enum(['ner', 'pos']),
  scheme: z.enum(['bio', 'pos']),
  /** In the order of the columns of emissions and transitions. */
  tags: z.array(z.string().min(1)).min(1),
  /** Of the labels. */
  language: z.string().optional(),
  /** That the model is for, where it was said to be another. */
  target: z.string().optional(),
  parts: z.enum(['wide', 'deep', 'both']),
  /** What the scores of each part are multiplied by before they are added. */
  mixture: z.strictObject({ wide: factor, deep: factor }),
  configuration: z.strictObject({ deep: deepConfigSchema.optional() }),
  encoder: encoderSchema.optional(),
  vocabulary: fileHash.extend({ words: count, characters: count }).optional(),
  /** Files of the given vectors, which stand in the weights; `*`: of all languages. */
  vectors: z.array(z.strictObject({ language: z.string(), path: z.string() })).optional(),
  weights: fileHash,
  data: z.strictObject({
    /** `weights` only where a sentence counts otherwise than once. */
    train: dataset.extend({ weights: z.array(weighting).optional() }),
    dev: dataset,
    target_dev: dataset.optional(),
    /** With a word list: what share of the words it knows, and whether they were translated by it. */
    translation: z.strictObject({ known: z.number().min(0).max(1), used: z.boolean() }).optional(),
  }),
  metrics: z.strictObject({
    dev: z.number(),
    target_dev: z.number().optional(),
    wide: z.number().optional(),
    deep: z.number().optional(),
    best_epoch: count,
    steps: count,
    seconds: z.number(),
  }),
  seed: count,
  engine: z.string(),
  crosstag: z.string(),
  created: z.iso.datetime(),
});

export const descriptionSchema = fields
  .refine(({ task, scheme }) => (task === 'pos') === (scheme === 'pos'), {
    path: ['scheme'],
    error: 'it does not fit the task',
  })
  .refine(({ tags }) => new Set(tags).size === tags.length, { path: ['tags'], error: 'a tag stands there twice' })
  .refine(
    ({ parts, configuration, vocabulary }) =>
      (parts !== 'wide') === (configuration.deep !== undefined) && (parts !== 'wide') === (vocabulary !== undefined),
    { path: ['parts'], error: 'configuration and vocabulary do not fit the parts' },
  )
  .refine(({ configuration: { deep }, vectors }) => (deep?.vectors === undefined) === (vectors === undefined), {
    path: ['vectors'],
    error: 'it does not fit the configuration',
  })
  .refine(({ configuration: { deep }, encoder }) => (deep?.encoder === undefined) === (encoder === undefined), {
    path: ['encoder'],
    error: 'it does not fit the configuration',
  })
  .refine(
    ({ parts, mixture: { wide, deep } }) =>
      wide + deep > 0 && (wide === 0 || parts !== 'deep') && (deep === 0 || parts !== 'wide'),
    { path: ['mixture'], error: 'it does not fit the parts' },
  );

/** Everything in model.json. */
export type ModelDescription = z.infer<typeof descriptionSchema>;
/** What the writer of a model says; the rest follows from the files. */
export type ModelFacts = Omit<ModelDescription, 'format' | 'version' | 'weights' | 'vocabulary'>;

export const vocabularySchema = z.strictObject({
  words: z.array(z.string()),
  characters: z.array(z.string()),
  /** Words of the given vectors by language, in the order of their rows; `*`: of all languages. */
  vectors: z
    .record(z.string(), z.array(z.string()))
    .refine((tables) => Object.keys(tables).length > 0)
    .optional(),
});
export type StoredVocabulary = z.infer<typeof vocabularySchema>;
