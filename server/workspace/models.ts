// Which models there are: <workspace>/.crosstag/models/<name>/<version>/.
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Scheme } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import type { Files } from './host.ts';

/** A model on disk and how to run it. */
export interface ModelReference {
  readonly folder: string;
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
  readonly reference: ModelReference;
}

/** A model folder as the registry knows it, not yet loaded. */
export interface KnownModel {
  readonly folder: string;
  /** Name and version, as `ner/3`; the folder's own name for a model elsewhere. */
  readonly name: string;
  readonly task: Task;
  /** When it was made, ISO 8601. */
  readonly created: string;
}

/** What the registry must know; the model process checks all of it when it loads the model. */
const description = z.object({
  format: z.literal('crosstag-tagger'),
  task: z.enum(['ner', 'pos']),
  created: z.string(),
});

const MODELS = join('.crosstag', 'models');

/** The folder of models of a workspace folder. */
export function modelsFolder(workspace: string): string {
  return join(workspace, MODELS);
}

/** @returns undefined where the folder holds no model */
export async function describeModel(files: Files, folder: string): Promise<KnownModel | undefined> {
  const bytes = await files.read(join(folder, 'model.json'));
  if (bytes === undefined) return undefined;
  try {
    const { task, created } = description.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const inRegistry = basename(dirname(dirname(folder))) === 'models';
    const name = inRegistry ? `${basename(dirname(folder))}/${basename(folder)}` : basename(folder);
    return { folder, name, task, created };
  } catch {
    return undefined;
  }
}

/** All models of a workspace folder, newest first. */
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
  return models.sort((a, b) => b.created.localeCompare(a.created) || numeric.compare(b.folder, a.folder));
}

/** The folder for the next model of this name: versions count from 1, and an unfinished one is taken up again. */
export async function nextVersion(files: Files, workspace: string, name: string): Promise<string> {
  const folder = join(modelsFolder(workspace), name);
  const taken = (await files.list(folder)).filter((version) => /^\d+$/.test(version)).map(Number);
  return join(folder, String(Math.max(0, ...taken) + 1));
}
