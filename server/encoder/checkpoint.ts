// The state of an interrupted pre-training on disk, `<out>.training`: all that the rest of it depends on.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readSafetensorsFile, type State, safetensorsParts } from '../tensor/index.ts';
import { type Content, exists, isDamage, parseJson, readableFolder, sha256, writeFolder } from '../text/folder.ts';
import { InputError } from '../text/index.ts';
import { batchPositionSchema } from './batch-stream.ts';
import { LOG } from './folder.ts';
import { pendingSchema } from './training-log.ts';
import { EncoderVocabulary } from './vocabulary.ts';

const count = z.number().int().nonnegative();
const ids = z.array(count);

const positionSchema = z.strictObject({
  /** Steps done. */
  step: count,
  /** Words of all languages that were passed over. */
  words: count,
  /** Seconds of training so far. */
  seconds: z.number(),
  batches: batchPositionSchema,
  /** Sentences of each language that perplexity is measured on. */
  held: z.array(z.array(ids)),
  perplexity: z.record(z.string(), z.strictObject({ forward: z.number(), backward: z.number() })).optional(),
  /** The step after which it was measured. */
  evaluated: count.optional(),
  /** The line of the log that had begun. */
  pending: pendingSchema.optional(),
  /** Of an encoder that is trained further: what it had before. */
  before: z
    .strictObject({
      ...{ steps: count, words: count, seconds: z.number() },
      /** With which the sentences for perplexity were drawn, where they are still the same. */
      seed: count.optional(),
    })
    .optional(),
});

const corpusSchema = z.strictObject({
  ...{ sha256: z.string(), sentences: count, kept: count.optional(), words: count, covered: z.number() },
});

const headSchema = z.strictObject({
  /** Everything that the training is a function of, by name: another training's checkpoint is not taken up. */
  settings: z.record(z.string(), z.string()),
  sha256: z.strictObject({ state: z.string(), vocabularies: z.array(z.string()) }),
  /** Of each language. */
  corpora: z.array(corpusSchema),
  /** Of each language: words that started with a given vector. */
  vectors: z.array(count.nullable()),
  pairs: count.optional(),
  position: positionSchema,
});

/** Everything that the course of a pre-training is a function of, by names for people. */
export type PretrainingSettings = Readonly<Record<string, string>>;

/** How far a pre-training is. */
export type Position = z.infer<typeof positionSchema>;
export type CorpusFacts = z.infer<typeof corpusSchema>;

export interface Checkpoint {
  readonly corpora: readonly CorpusFacts[];
  readonly vectors: readonly (number | undefined)[];
  readonly pairs: number | undefined;
  readonly position: Position;
  readonly vocabularies: readonly EncoderVocabulary[];
  /** Weights and moments. */
  readonly state: State;
  /** The lines of log.jsonl. */
  readonly log: string;
}

const HEAD = 'training.json';
const STATE = 'state.safetensors';
const vocabularyName = (index: number) => `vocabulary.${index}.txt`;

/** Replaces the checkpoint in `folder`: whoever reads finds the old one or the new one, whole. */
export async function writeCheckpoint(
  folder: string,
  settings: PretrainingSettings,
  checkpoint: Checkpoint,
): Promise<void> {
  const state = safetensorsParts(checkpoint.state); // at the size of the paper 2.9 GB
  const texts = checkpoint.vocabularies.map((vocabulary) => vocabulary.toText());
  const head = headSchema.parse({
    settings,
    sha256: { state: sha256(...state), vocabularies: texts.map((text) => sha256(text)) },
    corpora: checkpoint.corpora,
    vectors: checkpoint.vectors.map((words) => words ?? null),
    ...(checkpoint.pairs !== undefined && { pairs: checkpoint.pairs }),
    position: checkpoint.position,
  });
  const files = new Map<string, Content>([
    [STATE, state],
    ...texts.map((text, i) => [vocabularyName(i), text] as const),
    [LOG, checkpoint.log],
    [HEAD, JSON.stringify(head)],
  ]);
  await writeFolder(folder, files);
}

/** The steps that a discriminator is timed by: older checkpoints do not say them, and whoever ends a training needs none. */
export const DISCRIMINATOR_STEPS = 'steps of the discriminator';

function isLeftOpen(name: string, ...both: readonly PretrainingSettings[]): boolean {
  return name === DISCRIMINATOR_STEPS && both.some((settings) => settings[name] === undefined);
}

/** What settings are called where their names in checkpoints do not say all. */
const MEANINGS: Readonly<Record<string, string>> = { size: 'size, --keep-case or --schedule' };

/**
 * The checkpoint of the pre-training with these settings; undefined where there is none.
 * @throws InputError where a pre-training with other settings waits there, a damaged one or something else: hours of work are
 * not thrown away unasked. The system's error where a file cannot be read
 */
export async function readCheckpoint(folder: string, settings: PretrainingSettings): Promise<Checkpoint | undefined> {
  const place = await readableFolder(folder);
  if (!(await exists(place))) return undefined;
  const head = await readHead(place, folder);
  const names = Object.keys({ ...head.settings, ...settings });
  const others = names.filter(
    (name) => head.settings[name] !== settings[name] && !isLeftOpen(name, head.settings, settings),
  );
  if (others.length > 0) {
    throw new InputError(
      `an unfinished pre-training with other settings is there (${head.position.step} steps; different: ${others.map((name) => MEANINGS[name] ?? name).join(', ')})`,
      'run it with the settings that it was begun with, or remove this folder to begin anew (in the editor: Throw it away and begin anew)',
      { path: folder },
    );
  }
  return undamaged(readParts(place, head), folder);
}

/**
 * How far an unfinished pre-training is; undefined where there is none.
 * @throws InputError where its checkpoint is damaged, or something else is there
 */
export async function readPosition(folder: string): Promise<Position | undefined> {
  const place = await readableFolder(folder);
  if (!(await exists(place))) return undefined;
  return (await readHead(place, folder)).position;
}

type Head = z.infer<typeof headSchema>;

/** @throws InputError for anything else than a checkpoint, the one of a tagger's training too: it is somebody's */
async function readHead(place: string, folder: string): Promise<Head> {
  const text = await readFile(join(place, HEAD), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const value = text === undefined ? undefined : parseJson(text);
  const isOther =
    text === undefined
      ? !(await exists(join(place, STATE)))
      : typeof value === 'object' && value !== null && !('settings' in value);
  if (isOther) {
    const remedy = 'name another folder for the encoder, or move this one away';
    throw new InputError('this is not the checkpoint of a pre-training', remedy, { path: folder });
  }
  const head = headSchema.safeParse(value);
  return head.success ? head.data : damaged(HEAD, folder);
}

async function readParts(place: string, head: Head): Promise<Checkpoint> {
  const path = join(place, STATE);
  const { state, sha256: found } = await readSafetensorsFile(path);
  if (found !== head.sha256.state) notAsWritten(path);
  const vocabularies: EncoderVocabulary[] = [];
  for (const [i, expected] of head.sha256.vocabularies.entries()) {
    const file = join(place, vocabularyName(i));
    const text = await readFile(file, 'utf8');
    if (sha256(text) !== expected) notAsWritten(file);
    vocabularies.push(EncoderVocabulary.parse(text, file));
  }
  return {
    corpora: head.corpora,
    vectors: head.vectors.map((words) => words ?? undefined),
    pairs: head.pairs,
    position: head.position,
    vocabularies,
    state,
    log: await readFile(join(place, LOG), 'utf8'),
  };
}

const REMEDY = 'remove this folder to begin anew, or restore it from a copy';

function notAsWritten(path: string): never {
  throw new InputError('the file is not as it was written', REMEDY, { path });
}

function damaged(file: string, folder: string): never {
  throw new InputError(`the checkpoint is damaged (${file})`, REMEDY, { path: folder });
}

/** One message for all that can be wrong with the files of a checkpoint. */
async function undamaged<T>(reading: Promise<T>, folder: string): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isDamage(error)) throw error;
    damaged(basename(error.path), folder);
  }
}
