// Which models there are: <workspace>/.crosstag/models/<name>/<version>/.
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Scheme } from '../tags/index.ts';
import { lookUp } from '../text/language-tag.ts';
import type { Task } from '../text/types.ts';
import type { Files } from './host.ts';
import { type Choices, readChoices, readVerdict } from './model-verdicts.ts';
import { newIn, nextIn } from './versions.ts';

/** A model on disk and how to run it. */
export interface ModelReference {
  readonly folder: string;
  /** When it was made, ISO 8601: another model may come to lie in the same folder. */
  readonly created: string;
  /** `auto`, `cpu`, `webgpu`, `cuda` or `tensorflow`. */
  readonly engine: string;
  readonly threads: number;
}

/** What the model process says of a model that it has loaded. */
export interface LoadedModel {
  readonly task: Task;
  readonly scheme: Scheme;
  /** All tags; packed answers hold indices into this list. */
  readonly tags: readonly string[];
}

/** A model in use. */
export interface ActiveModel extends KnownModel, LoadedModel {
  /** Undefined: there is no trained model, only what was learnt from corrections. */
  readonly reference: ModelReference | undefined;
  /** What was learnt from corrections on top of it, by its version in the model process; undefined: nothing. */
  readonly adaptation?: number;
  /** BCP 47 tag of the texts that it reads here; empty: the model's own. */
  readonly language: string;
}

/** A model folder as the registry knows it, not yet loaded. */
export interface KnownModel {
  readonly folder: string;
  /** Name and version, as `ner/3`; the folder's own name for a model elsewhere. */
  readonly name: string;
  readonly task: Task;
  /** When it was made, ISO 8601. */
  readonly created: string;
  /** When the labels were read that it has learnt, ISO 8601; undefined where nobody has noted it. */
  readonly labelsRead?: string;
  /** Languages that its encoder knows; empty where it has none, and the language of a text does not matter. */
  readonly languages: readonly string[];
  /** Why it did not take the place of the one before it; undefined where it did, or was not compared. */
  readonly rejected?: string;
}

/** What the registry must know; the model process checks all of it when it loads the model. */
const description = z.object({
  format: z.literal('crosstag-tagger'),
  task: z.enum(['ner', 'pos']),
  created: z.string(),
  encoder: z.object({ languages: z.array(z.string()) }).optional(),
});

/**
 * As what a model reads a text in this language (a BCP 47 tag, or empty where it is not known): one of its encoder's
 * languages (`lookUp`); empty for its own. Undefined where it cannot.
 */
export function readsAs({ languages }: KnownModel, language: string): string | undefined {
  return languages.length === 0 || language === '' ? '' : lookUp(languages, language);
}

/** Describes a model in its folder; written last. */
export const MODEL_FILE = 'model.json';

const MODELS = join('.crosstag', 'models');

/** The folder of models of a workspace folder. */
export function modelsFolder(workspace: string): string {
  return join(workspace, MODELS);
}

/** @returns undefined where the folder holds no model */
export async function describeModel(files: Files, folder: string): Promise<KnownModel | undefined> {
  const bytes = await files.read(join(folder, MODEL_FILE));
  if (bytes === undefined) return undefined;
  try {
    const { task, created, encoder } = description.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const inRegistry = basename(dirname(dirname(folder))) === 'models';
    const name = inRegistry ? `${basename(dirname(folder))}/${basename(folder)}` : basename(folder);
    const verdict = await readVerdict(files, folder);
    return {
      ...{ folder, name, task, created, languages: encoder?.languages ?? [] },
      ...(verdict?.labelsRead !== undefined && { labelsRead: verdict.labelsRead }),
      ...(verdict?.accepted === false && { rejected: verdict.reason }),
    };
  } catch {
    return undefined;
  }
}

/**
 * All models of a workspace folder, those first that suggest, best first: of each task the one that a person has gone back
 * to, unless a later one was not rejected; then the newest. Rejected ones come last.
 */
export async function findModels(files: Files, workspace: string): Promise<KnownModel[]> {
  const root = modelsFolder(workspace);
  const models: KnownModel[] = [];
  for (const name of await files.list(root)) {
    for (const version of await files.list(join(root, name))) {
      const model = version.startsWith('.') ? undefined : await describeModel(files, join(root, name, version));
      if (model !== undefined) models.push(model);
    }
  }
  const numeric = new Intl.Collator('en', { numeric: true });
  models.sort((a, b) => b.created.localeCompare(a.created) || numeric.compare(b.folder, a.folder));
  const restored = restoredOf(models, await readChoices(files, root));
  const rank = (model: KnownModel) => (restored.has(model) ? 0 : model.rejected === undefined ? 1 : 2);
  return models.sort((a, b) => rank(a) - rank(b));
}

/** The models that a person has gone back to and that no later one has replaced. */
function restoredOf(models: readonly KnownModel[], choices: Choices): ReadonlySet<KnownModel> {
  const restored = new Set<KnownModel>();
  for (const [task, { model, date }] of Object.entries(choices)) {
    const chosen = models.find((each) => each.task === task && each.name === model);
    const isLater = (each: KnownModel) => each.task === task && each.rejected === undefined && each.created > date;
    if (chosen !== undefined && !models.some(isLater)) restored.add(chosen);
  }
  return restored;
}

/**
 * The model of a task that suggests; undefined where there is none.
 * @param models as `findModels` gives them
 */
export function inUse(models: readonly KnownModel[], task: Task): KnownModel | undefined {
  return models.find((model) => model.task === task);
}

/** The folder for a new model of this name: versions count from 1. */
export function newVersion(files: Files, workspace: string, name: string): Promise<string> {
  return newIn(files, join(modelsFolder(workspace), name));
}

/** The folder of the model of this name that is to be trained: an unfinished one is taken up again. */
export function nextVersion(files: Files, workspace: string, name: string): Promise<string> {
  return nextIn(files, join(modelsFolder(workspace), name));
}
