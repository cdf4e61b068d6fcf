// A retraining of a small project, wide part only: what comes in between, and what is left of a run that was cut off.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RetrainOptions, retrain } from '../../../server/learning/retrain.ts';
import { waitingCorrections } from '../../../server/learning/status.ts';
import { contentHash } from '../../../server/text/index.ts';
import { disk } from '../../../server/workspace/disk.ts';
import { Journal } from '../../../server/workspace/journal/index.ts';
import { sentences } from '../tagger/fixtures.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-retrain-'));
  await mkdir(join(folder, 'ጽሑፍ'));
  const languages = [{ language: 'am', documents: ['ጽሑፍ'] }];
  await writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
  await label(60);
});
afterEach(() => rm(folder, { recursive: true }));

/** A document of so many sentences with labels. */
async function label(count: number): Promise<void> {
  const rows = sentences(count, 1).map(({ words, tags }) => words.map((word, i) => `${word} ${tags[i]}\n`).join(''));
  await writeFile(join(folder, 'ጽሑፍ', 'ሀ.conll'), rows.map((row) => `${row}\n`).join(''));
}

const run = (more: Partial<RetrainOptions> = {}) => retrain({ files: disk, workspace: folder, threads: 1, ...more });

describe('a correction', () => {
  it('that comes while a model is trained is none that it knows', async () => {
    const journal = new Journal(folder, { problem: ({ message }) => expect.fail(message) });
    await journal.refresh();
    const sentence = contentHash(sentences(1, 1)[0]!.words);
    const correct = () =>
      journal.append('ሰላም', [
        { ...{ action: 'label', file: 'ጽሑፍ/ሀ.conll', sentence, nth: 0 }, start: 0, before: ['_'], after: ['O'] },
      ]);
    await correct();
    let second: Promise<unknown> | undefined;
    await run({
      progress: ({ phase }) => {
        if (phase === 'training') second ??= correct();
      },
    });
    await second;
    expect(await waitingCorrections(disk, folder, 'ner', journal)).toBe(1);
    await run({ force: true });
    expect(await waitingCorrections(disk, folder, 'ner', journal)).toBe(0);
  });
});

describe('a run that was cut off when its model was compared', () => {
  beforeEach(async () => {
    expect(await phases('comparing')).toEqual(['reading', 'training', 'comparing']);
    expect(await models()).toEqual(['.candidate', '.candidate.json']);
  });

  it('goes on with the comparison, on the next model too', async () => {
    expect(await phases()).toEqual(['reading', 'comparing']);
    expect(await models()).toEqual(['1']);
    await label(90);
    expect(await phases('comparing')).toEqual(['reading', 'training', 'comparing']);
    expect(await phases()).toEqual(['reading', 'comparing']);
    expect(await models()).toEqual(['1', '2']);
  });

  it('trains again where labels are new by now, or it is to do it in another way', async () => {
    await label(90);
    expect(await phases('comparing')).toContain('training');
    expect(await phases('comparing', { seed: 2 })).toContain('training');
    expect(await phases('comparing', { seed: 2 })).not.toContain('training');
  });

  it('trains again where the model is damaged', async () => {
    await rm(join(folder, '.crosstag', 'models', 'ner', '.candidate', 'weights.safetensors'));
    expect(await phases()).toContain('training');
    expect(await models()).toEqual(['1']);
  });

  it('trains again what has come to its end and is forced', async () => {
    await run();
    expect(await phases(undefined, { force: true, scratch: true })).toContain('training');
    expect(await models()).toEqual(['1', '2']);
  });

  /** What is in the folder of models. */
  async function models(): Promise<string[]> {
    return (await readdir(join(folder, '.crosstag', 'models', 'ner'))).sort();
  }

  /** The phases of a run, which is cut off when `last` begins. */
  async function phases(last?: string, more: Partial<RetrainOptions> = {}): Promise<string[]> {
    const seen = new Set<string>();
    const controller = new AbortController();
    const running = run({
      ...{ ...more, signal: controller.signal },
      progress: ({ phase }) => {
        seen.add(phase);
        if (phase === last) controller.abort(new Error('paused'));
      },
    });
    if (last === undefined) await running;
    else await expect(running).rejects.toThrow('paused');
    return [...seen];
  }
});
