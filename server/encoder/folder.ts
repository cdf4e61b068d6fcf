// Encoder folders: encoder.json (what the encoder is), weights.safetensors, a vocabulary a language, the log of its training.
// They are data: nothing in them is ever executed.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readSafetensorsFile, type State, safetensorsParts } from '../tensor/index.ts';
import {
  type Content,
  checkReplaceable,
  exists,
  parseJson,
  readableFolder,
  readHashed,
  readPart,
  readPartBy,
  requireHash,
  sha256,
  writeFolder,
} from '../text/folder.ts';
import { InputError } from '../text/index.ts';
import { lookUp } from '../text/language-tag.ts';
import { batchPositionSchema } from './batch-stream.ts';
import { encoderConfigSchema } from './config.ts';
import { SIZES, TEMPLATES } from './types.ts';
import { EncoderVocabulary } from './vocabulary.ts';
import { encoderShapes, tableName } from './weights.ts';

const FORMAT = 'crosstag-encoder';
/** Version of the folder's layout; raised when an older Crosstag could not read it. */
const VERSION = 1;

export const DESCRIPTION = 'encoder.json';
const WEIGHTS = 'weights.safetensors';
export const LOG = 'log.jsonl';
const vocabularyFile = (language: string) => `vocabulary.${language}.txt`;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const fileHash = z.strictObject({ file: z.string().regex(/^[\p{L}\p{M}\p{N}_.-]+$/u), sha256: hash });
const perplexity = z.strictObject({ forward: z.number(), backward: z.number() });

const descriptionSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  template: z.enum(TEMPLATES),
  size: z.enum(SIZES),
  configuration: encoderConfigSchema,
  /** In the order of the training's texts. */
  languages: z
    .array(
      z.strictObject({
        language: z.string().min(1),
        vocabulary: fileHash.extend({ words: count }),
        /** Hash of the file on disk; lines with words, and those that can be learnt from; share of the words in the vocabulary. */
        corpus: z.strictObject({
          ...{ sha256: hash, sentences: count, kept: count.optional(), words: count, covered: z.number() },
        }),
        /** How often its language-model loss counted, where that was not once. */
        weight: z.number().positive().optional(),
        /** Words that started with a given vector. */
        vectors: count.optional(),
      }),
    )
    .min(1),
  /** Pairs of the word list that both vocabularies hold. */
  pairs: count.optional(),
  weights: fileHash,
  /** Of weights and vocabularies: what states depend on besides the words. */
  fingerprint: hash,
  metrics: z.strictObject({
    steps: count,
    words: count,
    seconds: z.number(),
    perplexity: z.record(z.string(), perplexity),
    alignment: z.record(z.string(), z.number()),
  }),
  seed: count,
  /** Seed with which the sentences that perplexity is measured on were drawn, where it is that of an earlier training. */
  heldOut: count.optional(),
  /** Where in the texts the training ended; encoders of older versions do not say it. */
  batches: batchPositionSchema.optional(),
  engine: z.string(),
  crosstag: z.string(),
  created: z.iso.datetime(),
});

/** Everything in encoder.json. */
export type EncoderDescription = z.infer<typeof descriptionSchema>;

type Language = EncoderDescription['languages'][number];

/** What the writer of an encoder says; the rest follows from the files. */
export type EncoderFacts = Omit<EncoderDescription, 'format' | 'version' | 'weights' | 'fingerprint' | 'languages'> & {
  readonly languages: readonly Omit<Language, 'vocabulary'>[];
};

const AGAIN = 'pre-train the encoder again, or copy its folder again';
const KIND = { name: 'an encoder', file: DESCRIPTION, format: FORMAT, again: AGAIN, others: [LOG] };

/** @throws InputError before anything but an older encoder is replaced */
export const checkEncoderFolder = (folder: string) => checkReplaceable(folder, KIND);

/**
 * Writes an encoder folder; an older encoder there is replaced when the new one is whole on the disk, other files stay.
 * @param tensors those of `encoderShapes`
 * @param log the lines of log.jsonl
 */
export async function writeEncoder(
  folder: string,
  facts: EncoderFacts,
  vocabularies: readonly EncoderVocabulary[],
  tensors: State,
  log: string,
): Promise<void> {
  await checkEncoderFolder(folder);
  const weights = safetensorsParts(tensors);
  const files = new Map<string, Content>([
    [WEIGHTS, weights],
    [LOG, log],
  ]);
  const languages = facts.languages.map((language, i) => {
    const text = vocabularies[i]!.toText();
    const file = vocabularyFile(language.language);
    files.set(file, text);
    return { ...language, vocabulary: { file, sha256: sha256(text), words: vocabularies[i]!.size } };
  });
  const weightsHash = sha256(...weights);
  const description: EncoderDescription = {
    format: FORMAT,
    version: VERSION,
    ...facts,
    languages,
    weights: { file: WEIGHTS, sha256: weightsHash },
    fingerprint: fingerprintOf(weightsHash, languages),
  };
  files.set(DESCRIPTION, `${JSON.stringify(descriptionSchema.parse(description), undefined, 2)}\n`);
  await writeFolder(folder, files, { kind: KIND });
}

function fingerprintOf(weights: string, languages: readonly Language[]): string {
  return sha256(
    [weights, ...languages.map(({ language, vocabulary }) => `${language} ${vocabulary.sha256}`)].join('\n'),
  );
}

/** An encoder folder in memory. */
export interface StoredEncoder {
  readonly folder: string;
  readonly description: EncoderDescription;
  /** In the order of `description.languages`. */
  readonly vocabularies: readonly EncoderVocabulary[];
  readonly tensors: State;
}

/**
 * Reads and checks an encoder folder: every field of encoder.json, the hashes of the other files, the shapes of the weights.
 * @throws InputError naming the file and the remedy
 */
export async function readEncoder(folder: string): Promise<StoredEncoder> {
  const place = await readableFolder(folder);
  const description = await readEncoderDescription(place);
  const vocabularies: EncoderVocabulary[] = [];
  for (const { vocabulary } of description.languages) {
    const path = join(place, vocabulary.file);
    const text = new TextDecoder().decode(await readHashed(path, vocabulary.sha256, KIND));
    const parsed = EncoderVocabulary.parse(text, path);
    if (parsed.size !== vocabulary.words) {
      throw new InputError(`the vocabulary has ${parsed.size} lines, not ${vocabulary.words}`, AGAIN, { path });
    }
    vocabularies.push(parsed);
  }
  const path = join(place, description.weights.file);
  const { state: tensors, sha256: found } = await readPartBy(() => readSafetensorsFile(path), path, KIND);
  requireHash(path, found, description.weights.sha256, KIND);
  expectShapes(description, tensors, path);
  return { folder: place, description, vocabularies, tensors };
}

/** The log of its pre-training, a JSON object a line; empty where it is not there, for nothing depends on it. */
export async function readLog(folder: string): Promise<string> {
  const path = join(await readableFolder(folder), LOG);
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

/** Where the checkpoint of an unfinished pre-training lies. */
export const checkpointFolder = (out: string) => `${resolve(out)}.training`;

/** @throws InputError where nothing but an unfinished pre-training is there */
export async function requireFinished(folder: string): Promise<void> {
  if ((await exists(join(folder, DESCRIPTION))) || !(await exists(checkpointFolder(folder)))) return;
  const remedy = 'run the same pretrain command again to go on, or with --finish to end it with what it has learnt';
  throw new InputError('its pre-training is unfinished', remedy, { path: folder });
}

/** Reads and checks encoder.json alone. @throws InputError as `readEncoder` does */
export async function readEncoderDescription(folder: string): Promise<EncoderDescription> {
  await requireFinished(folder);
  const path = join(await readableFolder(folder), DESCRIPTION);
  const value = parseJson(new TextDecoder().decode(await readPart(path, KIND)));
  const head = z.object({ format: z.literal(FORMAT), version: z.number() }).safeParse(value);
  if (!head.success) {
    const what =
      value === undefined ? 'this is no JSON; the file is damaged' : 'this is not the encoder.json of an encoder';
    throw new InputError(what, `name the folder of an encoder, or ${AGAIN}`, { path });
  }
  if (head.data.version > VERSION) {
    const what = `the encoder has format version ${head.data.version}; this Crosstag reads versions up to ${VERSION}`;
    throw new InputError(what, 'update Crosstag, or pre-train the encoder again with this one', { path });
  }
  const parsed = descriptionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${issue?.path.join('.') || 'the content'}: ${issue?.message}`, AGAIN, { path });
}

/**
 * The embeddings of a language's words, as they stand in the encoder.
 * @throws InputError for a language that the encoder does not know, and as `readEncoder` does
 */
export async function readEmbeddings(
  folder: string,
  language: string,
): Promise<{ readonly words: readonly string[]; readonly table: Float32Array; readonly dimension: number }> {
  const { description, vocabularies, tensors } = await readEncoder(folder);
  const index = languageIndex(description, language, folder);
  const { data, shape } = tensors[tableName(description.languages[index]!.language)]!;
  return { words: vocabularies[index]!.words, table: data, dimension: shape[1]! };
}

/**
 * Which of the encoder's languages a tag means: that of `pt` for `pt-BR` too.
 * @throws InputError for a language that the encoder does not know, naming those that it knows
 */
export function languageIndex(
  { languages }: Pick<EncoderDescription, 'languages'>,
  language: string,
  path: string,
): number {
  const names = languages.map((known) => known.language);
  const known = lookUp(names, language);
  if (known !== undefined) return names.indexOf(known);
  const what = `the encoder does not know the language ${language}`;
  throw new InputError(what, `name one of ${names.join(', ')}`, { path });
}

function expectShapes({ configuration, languages }: EncoderDescription, tensors: State, path: string): void {
  const sizes = languages.map(({ language, vocabulary }) => ({ language, words: vocabulary.words }));
  const shapes = encoderShapes(configuration, sizes);
  for (const [name, shape] of Object.entries(shapes)) {
    const tensor = tensors[name];
    if (!tensor) throw new InputError(`the tensor ${name} is missing`, AGAIN, { path });
    if (tensor.shape.join() !== shape.join()) {
      const what = `the tensor ${name} has shape [${tensor.shape}]; encoder.json asks for [${shape}]`;
      throw new InputError(what, AGAIN, { path });
    }
  }
  const unknown = Object.keys(tensors).find((name) => !(name in shapes));
  if (unknown !== undefined) throw new InputError(`the tensor ${unknown} is unknown`, AGAIN, { path });
}
