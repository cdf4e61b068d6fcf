// What a pre-training has written down of itself: `log.jsonl` and, when it has ended, `encoder.json`.
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { LOG } from '../encoder/index.ts';
import { InputError, readTextFile } from '../text/index.ts';

/** Null where a training has run away: JSON has no word for infinity. */
const measured = z.number().nullable();
const byDirection = z.object({ forward: measured, backward: measured });

const lineSchema = z.object({
  step: z.int().nonnegative(),
  /** Of all languages, since the start. */
  words: z.number().nonnegative(),
  seconds: z.number().nonnegative(),
  /** Loss a token in training, by language; none where there was no step since the line before. */
  loss: z.record(z.string(), byDirection).optional(),
  alignment: z.record(z.string(), measured),
  /** Only where there was an evaluation. */
  perplexity: z.record(z.string(), byDirection).optional(),
});

export type LogLine = z.infer<typeof lineSchema>;

/** What a report says of the encoder; an unfinished run has not written it yet. */
const descriptionSchema = z.object({
  template: z.string().optional(),
  size: z.string().optional(),
  created: z.iso.datetime().optional().catch(undefined),
});

export interface PretrainingRun {
  /** `en-am/3` for an encoder of a workspace, else the name of the folder. */
  readonly name: string;
  /** In steps that do not fall, at least one. */
  readonly lines: readonly LogLine[];
  readonly languages: readonly string[];
  /** False where the run is under way or was interrupted. */
  readonly finished: boolean;
  readonly template?: string;
  readonly size?: string;
  readonly created?: string;
}

const UNFINISHED = '.training';

/**
 * Reads the run of an encoder, or of one that is being trained (`<encoder>.training`, also where `folder` names the encoder
 * that is to come).
 * @throws InputError where there is none, or its log is damaged
 */
export async function readPretrainingRun(folder: string): Promise<PretrainingRun> {
  const place = resolve(folder);
  const [root, text] = await findLog(place);
  const lines = parseLog(text, join(root, LOG));
  if (lines.length === 0) {
    const remedy = 'a line comes every 100 steps and whenever perplexity is measured: try again then';
    throw new InputError('nothing has been logged yet', remedy, { path: join(root, LOG) });
  }
  const description = await readTextFile(join(root, 'encoder.json')).catch(() => undefined);
  return {
    name: nameOf(root.endsWith(UNFINISHED) ? root.slice(0, -UNFINISHED.length) : root),
    lines,
    languages: Object.keys(lines[0]!.loss ?? lines[0]!.perplexity ?? {}),
    finished: !root.endsWith(UNFINISHED),
    ...(description !== undefined && parseDescription(description)),
  };
}

/** The folder with the log, and its text: a new encoder that is being trained comes before the old one that it will replace. */
async function findLog(folder: string): Promise<[root: string, text: string]> {
  const [old, next] = await Promise.all([readLog(folder), readLog(`${folder}${UNFINISHED}`)]);
  const isNewer = next !== undefined && next.text.trim() !== '' && next.modified > (old?.modified ?? 0);
  const found = isNewer ? next : (old ?? next);
  if (found !== undefined) return [found.root, found.text];
  throw new InputError(
    `there is no ${LOG}`,
    'name the folder of an encoder that crosstag pretrain has made, or wait: one that is trained has it from its third minute on',
    {
      path: folder,
    },
  );
}

async function readLog(root: string) {
  const path = join(root, LOG);
  const text = await readTextFile(path).catch(unlessAbsent);
  if (text === undefined) return undefined;
  const stats = await stat(path).catch(() => undefined); // the next checkpoint may just be taking its place
  return { root, text, modified: stats?.mtimeMs ?? 0 };
}

function unlessAbsent(error: unknown): undefined {
  if (error instanceof InputError && /no such file|no folder/.test(error.what)) return undefined;
  throw error;
}

/** A run that went on from a checkpoint repeats steps: the later lines count. A last line that was cut off is left out. */
function parseLog(text: string, path: string): LogLine[] {
  const lines: LogLine[] = [];
  const rows = text.split('\n');
  for (const [i, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const line = parseLine(row);
    if (line === undefined) {
      if (i === rows.length - 1) break;
      const remedy = 'restore the file, or remove this line';
      throw new InputError('this is no line of a pre-training log', remedy, { path, line: i + 1 });
    }
    while (lines.length > 0 && lines.at(-1)!.step > line.step) lines.pop();
    lines.push(line);
  }
  return lines;
}

function parseLine(row: string): LogLine | undefined {
  try {
    return lineSchema.parse(JSON.parse(row));
  } catch {
    return undefined;
  }
}

function parseDescription(text: string): z.infer<typeof descriptionSchema> {
  try {
    return descriptionSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function nameOf(folder: string): string {
  const inWorkspace = basename(dirname(dirname(folder))) === 'encoders';
  return inWorkspace ? `${basename(dirname(folder))}/${basename(folder)}` : basename(folder);
}

/** The newest evaluation; undefined before the first. */
export function lastPerplexity({ lines }: PretrainingRun): LogLine['perplexity'] {
  return lines.findLast(({ perplexity }) => perplexity !== undefined)?.perplexity;
}
