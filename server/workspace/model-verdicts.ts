// Which model of a workspace folder suggests. Of each task the newest one that was not found worse than its predecessor,
// unless a person has gone back to an older one: `.crosstag/models/active.json` says so until a later one is better.
import { join } from 'node:path';
import { z } from 'zod';
import { VERDICT } from '../tagger/model.ts';
import { parseJson } from '../text/folder.ts';
import { type Task, writeFileAtomic } from '../text/index.ts';
import type { Files } from './host.ts';

const verdict = z.object({
  accepted: z.boolean(),
  /** One line for people. */
  reason: z.string(),
  /** Name of the model that it was compared with, as `ner/3`. */
  previous: z.string().optional(),
  /** SHA-256 of the labels that it was trained for, those of the hold-out included. */
  labels: z.string(),
  /** When they were read, ISO 8601: what people have decided since then it has not learnt. Older versions do not say it. */
  labelsRead: z.string().optional(),
});

/** What came of the comparison of a model with the one before it. */
export type Verdict = z.infer<typeof verdict>;

/** The verdict that lies in a model's folder; undefined where nothing was compared. */
export async function readVerdict(files: Files, folder: string): Promise<Verdict | undefined> {
  return verdict.safeParse(await readJson(files, join(folder, VERDICT))).data;
}

/** @throws InputError where it cannot be written */
export async function writeVerdict(folder: string, value: Verdict): Promise<void> {
  await writeFileAtomic(join(folder, VERDICT), `${JSON.stringify(value, undefined, 2)}\n`);
}

const choice = z.object({
  /** Folder of the model under `.crosstag/models`, as `ner/3`. */
  model: z.string(),
  /** When it was chosen, ISO 8601: a model that was made later and not rejected takes its place. */
  date: z.string(),
});
const choices = z.partialRecord(z.enum(['ner', 'pos']), choice);

/** The models that a person has gone back to, by task. */
export type Choices = z.infer<typeof choices>;

/** Says which models are in use. */
export const ACTIVE_FILE = 'active.json';

const fileOf = (models: string) => join(models, ACTIVE_FILE);

/** @param models the folder of models */
export async function readChoices(files: Files, models: string): Promise<Choices> {
  return choices.safeParse(await readJson(files, fileOf(models))).data ?? {};
}

/** From now on the model of this task. @throws InputError where it cannot be written */
export async function writeChoice(files: Files, models: string, task: Task, model: string): Promise<void> {
  const all = { ...(await readChoices(files, models)), [task]: { model, date: new Date().toISOString() } };
  await writeFileAtomic(fileOf(models), `${JSON.stringify(all, undefined, 2)}\n`);
}

async function readJson(files: Files, path: string): Promise<unknown> {
  const bytes = await files.read(path);
  return bytes && parseJson(new TextDecoder().decode(bytes));
}
