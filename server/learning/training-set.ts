// How a tagger is trained again: from the model in use on the corrections and a sample of what it knows, or from scratch.
// The numbers were measured (docs/results.md): 1,000 corrected Spanish sentences on a model that was trained on English.
import { join } from 'node:path';
import type { LabelledSentence, ModelDescription, TrainOptions } from '../tagger/index.ts';
import { Random } from '../tensor/index.ts';
import { contentHash } from '../text/index.ts';
import type { LearnPlan } from '../workspace/project.ts';
import type { DocumentSentence } from './document-labels.ts';
import { isForChoosing } from './holdout.ts';
import { type WorkspaceLabels, withoutHeldOut } from './labels.ts';

/** Warm: epochs of the deep part, its first learning rate and what that is multiplied by after each of them. */
const WARM = { epochs: 3, learningRate: 3e-3, decay: 0.7 } as const;
/** Warm: passes of the wide part over all labels, old and new: it forgets nothing, and they are cheap. */
const WARM_ITERATIONS = 15;
/** Warm: sentences of the labelled files that the deep part sees again, for each new one; so many at least. */
const REPLAY = 0.3;
const LEAST_REPLAY = 100;

/**
 * Share of the labelled sentences of the documents that choose checkpoint and mixture. Stretches of neighbours, since
 * sentences whose neighbours are trained on, with the same names, favour what remembers words.
 */
const CHOOSING = 0.1;
/** With fewer of them, the labelled files' development data choose, or where there are none such a share of all sentences. */
const LEAST_CHOOSING = 20;
/** Sentences that choose where those of the documents are too few, at most. */
const MOST_DEV = 1000;

/** The model that a training starts from. */
export interface StartModel {
  readonly folder: string;
  readonly description: ModelDescription;
}

/** What is learnt from the sentences of the labels, in their order: more is known in them than people have decided. */
export interface Taught {
  readonly source: readonly LabelledSentence[];
  readonly target: readonly LabelledSentence[];
}

export interface TrainingSetOptions {
  readonly labels: WorkspaceLabels;
  readonly taught: Taught;
  readonly plan: LearnPlan;
  /** Undefined: from scratch. */
  readonly start: StartModel | undefined;
  /** Folder of an encoder for a training from scratch. */
  readonly encoder: string | undefined;
  readonly seed: number;
}

type Data = Pick<
  TrainOptions,
  | 'train'
  | 'dev'
  | 'presume'
  | 'targetDev'
  | 'parts'
  | 'language'
  | 'target'
  | 'encoder'
  | 'vectors'
  | 'wide'
  | 'deep'
  | 'start'
  | 'limits'
  | 'ownDev'
>;

/** What the training is given, word by word translation aside. */
export function trainingSet({ labels, taught, plan, start, encoder, seed }: TrainingSetOptions): Data {
  const chooses = ({ stretch }: DocumentSentence) => isForChoosing(stretch, CHOOSING, seed);
  const choosing = taught.target.filter((_, i) => chooses(labels.target[i]!));
  const isEnough = choosing.length >= LEAST_CHOOSING;
  const given = isEnough ? [] : sample(labels.dev, MOST_DEV, seed, 'dev');
  const everything = [...taught.target, ...taught.source];
  const held = new Set(isEnough ? hashesOf(choosing) : given.length > 0 ? [] : tenthOf(everything));
  const isHeld = ({ words }: LabelledSentence) => held.has(contentHash(words));
  // Neither part learns what chooses between them, copies included. Where there is nothing else, it is both.
  const learnt = everything.every(isHeld) ? new Set<string>() : held;
  const [corrections, source] = [taught.target, taught.source].map((each) => withoutHeldOut(each, learnt).map(plain));
  const all = [...corrections!, ...source!];
  return {
    ...means(labels, plan, start, encoder),
    presume: false,
    ownDev: learnt.size > 0,
    ...(isEnough
      ? { targetDev: choosing.map(plain) }
      : { dev: given.length > 0 ? given : everything.filter(isHeld).map(plain) }),
    ...(start === undefined
      ? { train: all, limits: plan.limits }
      : {
          train: [...corrections!, ...replay(source!, corrections!.length, seed)],
          start: start.folder,
          wide: { train: all, iterations: WARM_ITERATIONS },
          deep: { learningRate: WARM.learningRate, decay: WARM.decay, epochSteps: 1 },
          limits: { epochs: WARM.epochs },
        }),
  };
}

const hashesOf = (sentences: readonly LabelledSentence[]) => sentences.map(({ words }) => contentHash(words));

/**
 * Hashes of a share of the different sentences, one at least. No seed, and nearly the same ones when more sentences come: the
 * model to start from has not learnt them either.
 */
function tenthOf(sentences: readonly LabelledSentence[]): readonly string[] {
  const different = [...new Set(hashesOf(sentences))].sort();
  return different.slice(0, Math.min(MOST_DEV, Math.ceil(CHOOSING * different.length)));
}

/** Which parts, and what the deep one reads. */
function means(
  { source, target }: WorkspaceLabels,
  plan: LearnPlan,
  start: StartModel | undefined,
  encoder: string | undefined,
) {
  const language = (source[0] ?? target[0])?.language;
  const aim = plan.target !== language ? plan.target : undefined;
  const cache = { warn: (message: string) => console.error(message) };
  const frozen = start
    ? start.description.encoder
      ? join(start.folder, start.description.encoder.folder)
      : undefined
    : encoder;
  const parts = start?.description.parts ?? (encoder === undefined ? 'wide' : plan.parts);
  const features = start === undefined ? plan.features : undefined;
  const vectors = start
    ? start.description.vectors?.map(({ language: own, path }) => (own === '*' ? { path } : { path, language: own }))
    : plan.vectors;
  return {
    parts,
    ...(language !== undefined && { language }),
    ...(aim !== undefined && { target: aim }),
    ...(frozen !== undefined && { encoder: { folder: frozen, cache, ...(features !== undefined && { features }) } }),
    ...(vectors && { vectors }),
  };
}

function replay(source: readonly LabelledSentence[], corrections: number, seed: number): readonly LabelledSentence[] {
  return sample(source, Math.max(LEAST_REPLAY, Math.ceil(REPLAY * corrections)), seed, 'replay');
}

/** A seeded sample, in the order of the whole. */
function sample(sentences: readonly LabelledSentence[], most: number, seed: number, what: string) {
  if (sentences.length <= most) return sentences;
  const drawn = new Random(seed, what).shuffle(sentences.map((_, i) => i)).slice(0, most);
  return drawn.sort((a, b) => a - b).map((i) => sentences[i]!);
}

function plain({ words, tags, weight, language }: LabelledSentence): LabelledSentence {
  return { words, tags, ...(weight !== undefined && { weight }), ...(language !== undefined && { language }) };
}
