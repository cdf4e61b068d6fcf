// Model folders: model.json (what the model is), weights.safetensors, and vocabulary.json where there is a deep part.
// They are data: nothing in them is ever executed.
import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { encoderFiles } from '../encoder/encoder.ts';
import type { Encoder } from '../encoder/types.ts';
import { readSafetensors, type State, safetensorsParts } from '../tensor/index.ts';
import {
  type Content,
  checkReplaceable,
  parseJson,
  readableFolder,
  readHashed,
  readPart,
  sha256,
  writeFolder,
} from '../text/folder.ts';
import { InputError } from '../text/index.ts';
import {
  descriptionSchema,
  ENCODER,
  type encoderSchema,
  FORMAT,
  type ModelDescription,
  type ModelFacts,
  type StoredVocabulary,
  VERSION,
  vocabularySchema,
} from './model-schema.ts';
import type { LabelledSentence } from './types.ts';

/** What a comparison with the model before it has found, if there was one: written beside the model's own files. */
export const VERDICT = 'verdict.json';

/** A model folder in memory. */
export interface StoredModel {
  readonly folder: string;
  readonly description: ModelDescription;
  readonly vocabulary: StoredVocabulary | undefined;
  readonly tensors: State;
}

/** SHA-256 of a labelled data set, for the record: words, tags, sentence ends, weights other than 1, languages if they are said. */
export function hashSentences(sentences: readonly LabelledSentence[]): string {
  const digest = createHash('sha256');
  for (const { words, tags, weight = 1, language } of sentences) {
    const more = [...(weight === 1 ? [] : [weight]), ...(language === undefined ? [] : [language])];
    digest.update(JSON.stringify([words, tags.map((tag) => tag ?? null), ...more]));
  }
  return digest.digest('hex');
}

const AGAIN = 'train the model again, or copy its folder again';
const KIND = { name: 'a model', file: 'model.json', format: FORMAT, again: AGAIN, others: [VERDICT] };

/** @throws InputError before anything but an older model is replaced */
export const checkModelFolder = (folder: string) => checkReplaceable(folder, KIND);

/** An encoder on its way into a model folder. */
export interface EncoderCopy {
  readonly facts: z.infer<typeof encoderSchema>;
  /** Paths of the files that are copied. */
  readonly files: readonly string[];
}

/**
 * What of an encoder a model folder takes over.
 * @param encoder the one that the tagger was trained with
 * @param out folder of the model
 * @throws InputError where another encoder is in the folder by now: with that one the model could not be used
 */
export async function encoderCopy(folder: string, encoder: Encoder, out: string): Promise<EncoderCopy> {
  const absolute = resolve(folder);
  const { fingerprint, paths } = await encoderFiles(absolute);
  if (fingerprint !== encoder.fingerprint) {
    const what = 'the encoder was replaced while the tagger was trained with it';
    const remedy = 'put the old one back and run the same command again to go on, or train anew with this one';
    throw new InputError(what, remedy, { path: folder });
  }
  return {
    facts: {
      folder: ENCODER,
      fingerprint,
      languages: [...encoder.languages],
      origin: { relative: relative(resolve(out), absolute), absolute },
    },
    files: paths,
  };
}

/** All that a model consists of. */
export interface ModelParts {
  readonly facts: ModelFacts;
  readonly tensors: State;
  readonly vocabulary: StoredVocabulary | undefined;
  readonly encoder: EncoderCopy | undefined;
}

/**
 * Writes a model folder; an older model there is replaced when the new one is whole on the disk, other files stay.
 * @throws InputError where the folder holds something else
 */
export async function writeModel(folder: string, { facts, tensors, vocabulary, encoder }: ModelParts): Promise<void> {
  await checkModelFolder(folder);
  const weights = safetensorsParts(tensors);
  const files = new Map<string, Content>([['weights.safetensors', weights]]);
  const description: ModelDescription = {
    format: FORMAT,
    version: VERSION,
    ...facts,
    weights: { file: 'weights.safetensors', sha256: sha256(...weights) },
  };
  if (vocabulary) {
    const text = `${JSON.stringify(vocabulary)}\n`;
    files.set('vocabulary.json', text);
    const { words, characters } = vocabulary;
    const counts = { words: words.length, characters: characters.length };
    description.vocabulary = { file: 'vocabulary.json', sha256: sha256(text), ...counts };
  }
  files.set('model.json', `${JSON.stringify(descriptionSchema.parse(description), undefined, 2)}\n`);
  await writeFolder(folder, files, { copies: new Map(encoder && [[ENCODER, encoder.files]]), kind: KIND });
}

/**
 * Reads and checks a model folder: every field of model.json, the hashes of the other files, their form.
 * Shapes of tensors are the business of the parts that own them (`expectShapes`).
 * @throws InputError naming the file and the remedy
 */
export async function readModel(folder: string): Promise<StoredModel> {
  const place = await readableFolder(folder);
  const description = await readDescription(place);
  const weights = await readHashed(join(place, description.weights.file), description.weights.sha256, KIND);
  const tensors = readSafetensors(weights, join(place, description.weights.file));
  let vocabulary: StoredVocabulary | undefined;
  if (description.vocabulary) {
    const path = join(place, description.vocabulary.file);
    const bytes = await readHashed(path, description.vocabulary.sha256, KIND);
    const parsed = vocabularySchema.safeParse(parseJson(new TextDecoder().decode(bytes)));
    if (!parsed.success) throw new InputError(firstIssue(parsed.error), AGAIN, { path });
    vocabulary = parsed.data;
    const { words, characters } = description.vocabulary;
    if ((description.vectors === undefined) !== (vocabulary.vectors === undefined)) {
      throw new InputError('the words of the given vectors do not fit model.json', AGAIN, { path });
    }
    if (vocabulary.words.length !== words || vocabulary.characters.length !== characters) {
      throw new InputError('the numbers of words or characters are not those of model.json', AGAIN, { path });
    }
  }
  return { folder: place, description, vocabulary, tensors };
}

/** Reads and checks model.json alone: enough to show what a model is. @throws InputError as `readModel` does */
export async function readDescription(folder: string): Promise<ModelDescription> {
  const path = join(await readableFolder(folder), 'model.json');
  const value = parseJson(new TextDecoder().decode(await readPart(path, KIND)));
  const head = z.object({ format: z.literal(FORMAT), version: z.number() }).safeParse(value);
  if (!head.success) {
    const what =
      value === undefined ? 'this is no JSON; the file is damaged' : 'this is not the model.json of a Crosstag tagger';
    throw new InputError(what, `name the folder of a model, or ${AGAIN}`, { path });
  }
  if (head.data.version > VERSION) {
    const what = `the model has format version ${head.data.version}; this Crosstag reads versions up to ${VERSION}`;
    throw new InputError(what, 'update Crosstag, or train the model again with this one', { path });
  }
  const parsed = descriptionSchema.safeParse(value);
  if (!parsed.success) throw new InputError(firstIssue(parsed.error), AGAIN, { path });
  return parsed.data;
}

/**
 * Checks that the tensors are exactly these, those aside that `others` knows.
 * @throws InputError naming the first tensor that is missing, unknown or of another shape
 */
export function expectShapes(
  model: StoredModel,
  shapes: Readonly<Record<string, readonly number[]>>,
  others: (name: string) => boolean,
): void {
  const path = join(model.folder, model.description.weights.file);
  const fail = (what: string) => new InputError(what, AGAIN, { path });
  for (const [name, shape] of Object.entries(shapes)) {
    const tensor = model.tensors[name];
    if (!tensor) throw fail(`the tensor ${name} is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw fail(`the tensor ${name} has shape [${tensor.shape}]; model.json asks for [${shape}]`);
    }
  }
  const unknown = Object.keys(model.tensors).find((name) => !(name in shapes) && !others(name));
  if (unknown !== undefined) throw fail(`the tensor ${unknown} is unknown`);
}

/** The first thing that is wrong, with the field's name. */
function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  return field === '' ? `the content is not as expected: ${issue?.message}` : `${field}: ${issue?.message}`;
}
