// What crosstag.json may hold. The JSON schema that completes and checks it in the editor is made of this at build time.
import { z } from 'zod';
import { SIZES, TEMPLATES } from '../encoder/types.ts';
import { BAD_LABEL, LABEL_NAME } from '../tags/index.ts';
import { canonicalTag, isLanguageTag, LANGUAGE_TAG } from '../text/language-tag.ts';

/** A string of a certain form. @param problem "what is wrong; what to do", said here and by the editor */
function text(pattern: RegExp, problem: string) {
  return z.string().regex(pattern, problem).meta({ patternErrorMessage: problem });
}

/** Relative to the folder of crosstag.json, with forward slashes, so that it means the same on every machine. */
const path = text(
  /^(?![/\\]|[A-Za-z]:)[^\\]+$/,
  'this is no relative path; write it from the folder of crosstag.json on, with forward slashes',
);

const paths = z.array(path);

const BAD_TAG = 'this is no language tag; use BCP 47: two or three letters such as am, sw or pt-BR';

const language = text(LANGUAGE_TAG, BAD_TAG)
  .refine((tag) => !LANGUAGE_TAG.test(tag) || isLanguageTag(tag), BAD_TAG)
  .meta({ description: 'BCP 47 tag: am, sw, pt-BR', patternErrorMessage: BAD_TAG });

const projectLanguage = z.strictObject({
  language,
  text: path.optional().meta({ description: 'Plain text for pre-training: UTF-8, a sentence a line; .gz is unpacked' }),
  vectors: path.optional().meta({
    description:
      'Cross-lingual word vectors in word2vec text format: an encoder starts from them, a tagger may read them',
  }),
  train: paths.optional().meta({ description: 'Labelled files to train the tagger on' }),
  dev: path.optional().meta({ description: 'Labelled file to choose the best tagger by' }),
  test: paths.optional().meta({ description: 'Labelled files to measure the finished tagger on' }),
  documents: paths.optional().meta({
    description: 'Files of any name, and folders with all that is labelled or text in them, that are in this language',
  }),
});

const encoder = z.strictObject({
  name: text(/^[^\s./\\:*?"<>|][^/\\:*?"<>|]*$/, 'this is no name for a folder; write letters, digits and hyphens')
    .optional()
    .meta({ description: 'Name of its folder under .crosstag/encoders; default: the languages, as en-am' }),
  size: z
    .enum(SIZES)
    .optional()
    .meta({ description: 'tiny: minutes on a laptop; small: an hour or two; base: a night; paper: a good GPU' }),
  template: z.enum(TEMPLATES).optional().meta({ description: 'What pulls the languages together' }),
  pairs: z
    .union([path, z.record(z.string(), path)])
    .optional()
    .meta({
      description:
        'Word list, one pair a line, of the first and the second language that have a text, or word lists by their languages: { "en-am": "lists/en-am.txt" }; thousands of words help',
    }),
  minutes: z.number().positive().optional().meta({ description: 'Most minutes of pre-training' }),
  steps: z.int().positive().optional().meta({ description: 'Most steps of pre-training' }),
});

const tagger = z.strictObject({
  target: language
    .optional()
    .meta({ description: 'The language that the tagger is for; default: the only one without labelled files' }),
  parts: z
    .enum(['both', 'deep'])
    .optional()
    .meta({ description: 'deep: what reads the encoder alone; both: with word features (default)' }),
  features: text(/^(layer=\d+|all|fws|sws)$/, 'these are no features of an encoder; write layer=N, all, fws or sws')
    .optional()
    .meta({ description: "What of the encoder's layers is read: layer=N, all, fws or sws" }),
  vectors: z
    .boolean()
    .optional()
    .meta({ description: 'Whether the "vectors" of the languages are read beside the encoder (default false)' }),
  epochs: z.int().positive().optional().meta({ description: 'Most epochs of the deep part' }),
  minutes: z.number().positive().optional().meta({ description: 'Most minutes of the deep part' }),
});

/**
 * How the next labels are chosen.
 * - `random`: by chance, the baseline that runs beside all others.
 * - `least`: least confidence, 1 - P(best path); prefers long sentences.
 * - `mnlp`: least log-probability of the best path per token (Shen et al., 2018).
 * - `entropy`: highest entropy of the tokens' marginals, on average.
 * - `span`: least certain span, or stretch that may be one (lowest marginal).
 * - `f1`: lowest expected F1 (parts of speech: accuracy) of what the model would say.
 * - `committee`: highest vote entropy among the successive models of the last rounds.
 * - `mixed`: the default. Sentences as `mnlp` and tokens as `entropy`, a tenth by chance; spans as `span`, half by chance.
 */
export const STRATEGIES = ['random', 'least', 'mnlp', 'entropy', 'span', 'f1', 'committee', 'mixed'] as const;

/** What a person is asked for: a whole sentence, the tokens of a doubtful span, or one token; the rest stays undecided. */
export const UNITS = ['sentence', 'span', 'token'] as const;

const learning = z.strictObject({
  humanWeight: z
    .number()
    .positive()
    .optional()
    .meta({ description: 'How many times a sentence with labels of a person counts in training (default 2)' }),
  holdout: z
    .number()
    .min(0)
    .max(0.5, 'this keeps more than half of the sentences from training; write a number up to 0.5')
    .optional()
    .meta({ description: 'Share of the sentences in "documents" that is kept for measuring (default 0.1)' }),
  corrections: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'The tagger is trained again after so many corrections (default 100)' }),
  minutes: z
    .number()
    .positive()
    .optional()
    .meta({ description: 'Or so many minutes after the first correction that it does not know (default 30)' }),
  strategy: z
    .enum(STRATEGIES)
    .optional()
    .meta({ description: 'What is shown next: where a label teaches most, by this measure' }),
  unit: z.enum(UNITS).optional().meta({ description: 'What is asked for at a time' }),
  kappa: z
    .number()
    .gt(0)
    .max(1, 'no agreement is above 1; write a number up to 1')
    .optional()
    .meta({ description: 'Labelling may stop when successive taggers agree so well (kappa, default 0.99)' }),
});

/** What crosstag.json means where it says nothing about learning. */
export const LEARNING_DEFAULTS = {
  humanWeight: 2,
  holdout: 0.1,
  corrections: 100,
  minutes: 30,
  kappa: 0.99,
} as const;

export const projectSchema = z
  .strictObject({
    $schema: z.string().optional(),
    task: z.enum(['ner', 'pos']).meta({ description: 'What is labelled: names (ner) or parts of speech (pos)' }),
    labels: z
      .array(text(LABEL_NAME, BAD_LABEL))
      .optional()
      .meta({ description: 'Labels that are offered although nobody has used them, in the order of their keys' }),
    languages: z
      .array(projectLanguage)
      .min(1)
      .meta({ description: 'The languages with their files, the one that has labels first' }),
    encoder: encoder.optional().meta({ description: 'How the encoder is pre-trained' }),
    tagger: tagger.optional().meta({ description: 'How the tagger is trained' }),
    learning: learning.optional().meta({ description: 'How it learns from corrections' }),
  })
  .superRefine(({ languages }, context) => {
    const seen = new Set<string>();
    for (const [i, { language }] of languages.entries()) {
      const tag = canonicalTag(language);
      if (seen.has(tag)) {
        const message = `${language} is there twice; put its files together`;
        context.addIssue({ code: 'custom', path: ['languages', i, 'language'], message });
      }
      seen.add(tag);
    }
  })
  .meta({ title: 'Crosstag project', description: 'Languages, files and encoder of a Crosstag workspace' });

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type ProjectDescription = DeepReadonly<z.infer<typeof projectSchema>>;
export type ProjectLanguage = ProjectDescription['languages'][number];

/** The JSON schema of crosstag.json, draft 7: what VS Code reads. */
export function projectJsonSchema(): object {
  return z.toJSONSchema(projectSchema, { target: 'draft-7' });
}

/** What crosstag.json and the command line mean where they do not say. */
export const ENCODER_DEFAULTS = { size: 'tiny', template: 'layer_avl' } as const;
