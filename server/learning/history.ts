// What retraining came to, run by run: `.crosstag/learning/history.jsonl`, a line each. The learning curve is drawn from it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { appendLines } from '../text/append-lines.ts';
import { fileError } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';

const count = z.number().int().nonnegative();
const score = z.object({
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  gold: count,
  predicted: count,
  correct: count,
});

/** Scores on labelled sentences, percentages from 0 to 100. */
const measured = z.object({
  /** F1 (NER) or accuracy (POS). */
  score: z.number(),
  precision: z.number(),
  recall: z.number(),
  accuracy: z.number(),
  /** By label. */
  types: z.record(z.string(), score),
  /** Tokens of a gold label that got a predicted one: [gold][predicted]; `O` stands for no label. */
  confusion: z.object({ labels: z.array(z.string()), counts: z.array(z.array(count)) }),
  sentences: count,
  /** Decided ones. */
  tokens: count,
});

const entry = z.object({
  /** When it ended, ISO 8601. */
  date: z.string(),
  task: z.enum(['ner', 'pos']),
  /** Names of models, as `ner/3`. */
  model: z.string(),
  previous: z.string().optional(),
  /** `warm`: it started from the previous model. */
  start: z.enum(['warm', 'scratch']),
  /** What it learnt from. Tokens are decided ones of the documents to be labelled. */
  counts: z.object({
    /** Sentences of the documents that have a label; those in the hold-out are not among them. */
    sentences: count,
    tokens: count,
    /** Tokens that people decided in the editor; the others stood in the files. */
    human: count,
    /** Sentences of the labelled files of crosstag.json that were trained on. */
    source: count,
    heldOut: count,
  }),
  holdout: z.object({ old: measured.optional(), new: measured }).optional(),
  /** Score on the development data of the labelled files, before and after: what forgetting cost. */
  source: z.object({ old: z.number().optional(), new: z.number() }).optional(),
  /** Agreement with the previous model on text that nobody has labelled. */
  kappa: z.number().optional(),
  accepted: z.boolean(),
  /** One line for people. */
  reason: z.string(),
  seconds: z.number(),
});

/** Scores of a model on the hold-out. */
export type Measured = z.infer<typeof measured>;
/** One retraining. */
export type HistoryEntry = z.infer<typeof entry>;

/** Where the history of a workspace folder stands. */
export function historyFile(workspace: string): string {
  return join(workspace, '.crosstag', 'learning', 'history.jsonl');
}

/** All retrainings, oldest first. Lines that were cut off, or that a newer Crosstag wrote, are left out. */
export async function readHistory(files: Files, workspace: string): Promise<HistoryEntry[]> {
  const bytes = await files.read(historyFile(workspace));
  if (bytes === undefined) return [];
  return new TextDecoder().decode(bytes).split('\n').flatMap(readLine);
}

function readLine(line: string): HistoryEntry[] {
  if (line === '') return [];
  try {
    return [entry.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

/**
 * Adds a line, synced to the disk.
 * @throws InputError where it cannot be written
 */
export async function appendHistory(workspace: string, added: HistoryEntry): Promise<void> {
  const path = historyFile(workspace);
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await appendLines(path, `${JSON.stringify(entry.parse(added))}\n`);
  } catch (error) {
    throw fileError(error, path);
  }
}
