// One retraining, from the labels of a workspace folder to a model that is in use, or that was found worse and is not.
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { encoderFiles } from '../encoder/index.ts';
import { readTranslations } from '../encoder/pairs.ts';
import {
  hashSentences,
  type LabelledSentence,
  readDescription,
  type TrainOptions,
  type TrainProgress,
  trainTagger,
} from '../tagger/index.ts';
import { labelOf } from '../tags/index.ts';
import { sha256 } from '../text/folder.ts';
import { fileError, InputError } from '../text/index.ts';
import { renameInUse } from '../text/rename.ts';
import { newestEncoder } from '../workspace/encoders.ts';
import type { Files } from '../workspace/host.ts';
import { readVerdict, type Verdict, writeVerdict } from '../workspace/model-verdicts.ts';
import { findModels, inUse, type KnownModel, modelsFolder, newVersion } from '../workspace/models.ts';
import { type LearnPlan, PROJECT_FILE, Project } from '../workspace/project.ts';
import { forget, hashOfTraining, isTrained } from './candidate.ts';
import type { OpenText } from './document-labels.ts';
import { appendHistory, type HistoryEntry } from './history.ts';
import { type Judgement, judge } from './judge.ts';
import { gatherLabels, type WorkspaceLabels } from './labels.ts';
import { alone } from './lock.ts';
import { presumed } from './presume.ts';
import { type StartModel, type Taught, trainingSet } from './training-set.ts';

export interface RetrainOptions {
  readonly files: Files;
  readonly workspace: string;
  readonly engine?: string | undefined;
  readonly threads?: number | undefined;
  readonly seed?: number;
  /** From scratch, whatever there is to start from. */
  readonly scratch?: boolean;
  /** Also where no label is new. */
  readonly force?: boolean;
  /** Documents as an editor has them, where they are not saved. */
  readonly open?: readonly OpenText[];
  /** When `open` was as it says, ISO 8601; default: now. */
  readonly labelsRead?: string;
  readonly signal?: AbortSignal | undefined;
  readonly warn?: (message: string) => void;
  /** `training`: what the training says. */
  readonly progress?: (now: RetrainProgress) => void;
}

export type RetrainProgress =
  | { readonly phase: 'reading' | 'comparing' }
  | { readonly phase: 'training'; readonly training: TrainProgress; readonly start: 'warm' | 'scratch' };

export interface Retrained {
  /** Names of models, as `ner/3`. */
  readonly old: string | undefined;
  /** Undefined where no label was new, and nothing was trained. */
  readonly new: string | undefined;
  readonly folder: string | undefined;
  readonly holdout: {
    readonly old?: number;
    readonly new?: number;
    readonly sentences: number;
    readonly tokens: number;
  };
  readonly accepted: boolean;
  /** One line for people. */
  readonly reason: string;
  readonly seconds: number;
  readonly entry: HistoryEntry | undefined;
}

/**
 * Trains on all labels, compares, and puts the new model into use if it is not worse. A run that was cut off goes on from its
 * checkpoint, or with the comparison, as long as the labels are the same.
 * @throws InputError where there is no project, or no label; the signal's reason when it is aborted
 */
export async function retrain(options: RetrainOptions): Promise<Retrained> {
  await readProject(options.files, options.workspace);
  return alone(options.workspace, 'tagger', () => run(options));
}

async function run(options: RetrainOptions): Promise<Retrained> {
  const { files, workspace, seed = 1, signal, progress, labelsRead = new Date().toISOString() } = options;
  const began = performance.now();
  const project = await readProject(files, workspace);
  const plan = project.learning();
  progress?.({ phase: 'reading' });
  const labels = await gatherLabels({ ...options, project, plan });
  requireLabels(project, labels);
  const models = (await findModels(files, workspace)).filter(({ task }) => task === plan.task);
  const old = inUse(models, plan.task);
  const encoder = await newestEncoder(files, workspace, project.encoderName);
  if (encoder === undefined && project.description.encoder !== undefined) {
    options.warn?.(
      `there is no encoder ${project.encoderName} yet (Crosstag: Pre-train Encoder): the tagger learns without it`,
    );
  }
  const { humanWeight, holdout } = plan.settings;
  const labelsHash = hashOf(labels, [humanWeight, holdout, encoder && relative(workspace, encoder)]);
  const known = options.force ? undefined : await sameLabels(files, models, labelsHash);
  if (known !== undefined) return nothingNew(old, known, labels);
  signal?.throwIfAborted();

  const start = options.scratch ? undefined : await startOf(old, encoder);
  const candidate = join(modelsFolder(workspace), plan.task, '.candidate');
  const taught = await taughtBy(labels, old, plan, options);
  const training = {
    ...trainingSet({ labels, taught, plan, start, encoder, seed }),
    ...(plan.pairs &&
      plan.target !== undefined && {
        translate: { pairs: await readTranslations(plan.pairs, plan.target, options.warn) },
      }),
    ...{ task: plan.task, out: candidate, seed, checkpointSeconds: 10 },
    ...(options.engine !== undefined && { engine: options.engine }),
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(signal && { signal }),
    ...(options.warn && { warn: options.warn }),
    progress: (now) => progress?.({ phase: 'training', training: now, start: start ? 'warm' : 'scratch' }),
  } as TrainOptions;
  const fingerprint = training.encoder && (await encoderFiles(training.encoder.folder)).fingerprint;
  const hash = hashOfTraining(training, start?.description.weights.sha256, fingerprint);
  if (!(await isTrained(files, candidate, hash))) await trainTagger(training);
  progress?.({ phase: 'comparing' });
  const judged = await judge(candidate, old, labels, { ...options, seed });
  const judgement = { ...judged, reason: judged.reason + (await newLabels(candidate, old)) };
  signal?.throwIfAborted();
  const verdict: Verdict = {
    ...{ accepted: judgement.accepted, reason: judgement.reason, labels: labelsHash, labelsRead },
    ...(old && { previous: old.name }),
  };
  const folder = await settle(files, workspace, plan.task, candidate, verdict);
  const seconds = (performance.now() - began) / 1000;
  const entry = entryOf(`${plan.task}/${basename(folder)}`, old, labels, judgement, start, seconds);
  await appendHistory(workspace, entry);
  return { ...resultOf(old, entry.model, folder, judgement, labels), seconds, entry };
}

/** The sentences to train on: one question to the model for all. */
async function taughtBy(
  { source, target }: WorkspaceLabels,
  old: KnownModel | undefined,
  { task, settings: { unit } }: LearnPlan,
  means: RetrainOptions,
): Promise<Taught> {
  const all = await presumed<LabelledSentence>([...target, ...source], { ...means, task, unit, model: old?.folder });
  return { target: all.slice(0, target.length), source: all.slice(target.length) };
}

/** @throws InputError where there is no project, or a wrong one */
export async function readProject(files: Files, workspace: string): Promise<Project> {
  const project = await Project.read(files, workspace);
  if (project !== undefined) return project;
  const remedy = 'write one (docs/project.md), or run “Crosstag: Set Up Project” in the editor';
  throw new InputError('there is no project', remedy, { path: join(workspace, PROJECT_FILE) });
}

function requireLabels(project: Project, { source, target, heldOut }: WorkspaceLabels): void {
  if (source.length + target.length > 0) return;
  if (heldOut.length > 0) {
    const remedy = 'label some more, or make "holdout" smaller';
    throw project.languagesError('all labelled sentences are held out for measuring', remedy);
  }
  const remedy = 'label some sentences in the "documents" of a language, or give a language labelled files as "train"';
  throw project.languagesError('there is no label to learn from', remedy);
}

/** SHA-256 of all that a training and its comparison depend on, as far as people decide it. */
function hashOf({ source, target, heldOut }: WorkspaceLabels, settings: readonly unknown[]): string {
  const parts = [source, target, heldOut].map((sentences: readonly LabelledSentence[]) => hashSentences(sentences));
  return sha256(JSON.stringify([parts, settings]));
}

/** A model that was trained for the same labels. */
async function sameLabels(
  files: Files,
  models: readonly KnownModel[],
  labels: string,
): Promise<KnownModel | undefined> {
  for (const model of models) if ((await readVerdict(files, model.folder))?.labels === labels) return model;
  return undefined;
}

function nothingNew(old: KnownModel | undefined, known: KnownModel, { heldOut }: WorkspaceLabels): Retrained {
  const outcome = known.rejected === undefined ? '' : `, which was not better (${known.rejected})`;
  return {
    ...{ old: old?.name, new: undefined, folder: undefined, accepted: false, seconds: 0, entry: undefined },
    holdout: { sentences: heldOut.length, tokens: decided(heldOut) },
    reason: `no label is new since ${known.name}${outcome}; label some more first`,
  };
}

/** The model to start from: the one in use, unless there is another encoder by now. */
async function startOf(old: KnownModel | undefined, encoder: string | undefined): Promise<StartModel | undefined> {
  if (old === undefined) return undefined;
  const description = await readDescription(old.folder);
  if (encoder !== undefined && description.encoder?.fingerprint !== (await encoderFiles(encoder)).fingerprint)
    return undefined;
  return { folder: old.folder, description };
}

/** Says which labels the model knows that the old one does not. */
async function newLabels(candidate: string, old: KnownModel | undefined): Promise<string> {
  if (old === undefined) return '';
  const labelsOf = async (folder: string) => {
    const { tags, scheme } = await readDescription(folder);
    return new Set(tags.flatMap((tag) => labelOf(tag, scheme) ?? []));
  };
  const known = await labelsOf(old.folder);
  const added = [...(await labelsOf(candidate))].filter((label) => !known.has(label));
  return added.length === 0 ? '' : `; new ${added.length === 1 ? 'label' : 'labels'}: ${added.join(', ')}`;
}

/** Gives a judged model its version: it appears whole, with its verdict. */
async function settle(files: Files, workspace: string, task: string, candidate: string, verdict: Verdict) {
  await writeVerdict(candidate, verdict);
  const folder = await newVersion(files, workspace, task);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await renameInUse(candidate, folder);
    await forget(candidate);
  } catch (error) {
    throw fileError(error, folder);
  }
  return folder;
}

const decided = (sentences: readonly LabelledSentence[]) =>
  sentences.reduce((sum, { tags }) => sum + tags.filter((tag) => tag !== undefined).length, 0);

function entryOf(
  model: string,
  old: KnownModel | undefined,
  { task, counts, target }: WorkspaceLabels,
  { holdout, source, kappa, accepted, reason }: Judgement,
  start: StartModel | undefined,
  seconds: number,
): HistoryEntry {
  return {
    ...{ date: new Date().toISOString(), task, model, accepted, reason, seconds },
    ...(old && { previous: old.name }),
    start: start ? 'warm' : 'scratch',
    counts: {
      ...{ sentences: target.length, tokens: decided(target), human: counts.human },
      ...{ source: counts.source, heldOut: counts.heldOut },
    },
    ...(holdout && { holdout }),
    ...(source && { source }),
    ...(kappa !== undefined && { kappa }),
  };
}

function resultOf(
  old: KnownModel | undefined,
  name: string,
  folder: string,
  { holdout, accepted, reason }: Judgement,
  { heldOut }: WorkspaceLabels,
): Omit<Retrained, 'seconds' | 'entry'> {
  return {
    ...{ old: old?.name, new: name, folder, accepted, reason },
    holdout: {
      ...(holdout?.old && { old: holdout.old.score }),
      ...(holdout && { new: holdout.new.score }),
      ...{ sentences: heldOut.length, tokens: decided(heldOut) },
    },
  };
}
