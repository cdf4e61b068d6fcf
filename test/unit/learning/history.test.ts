import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendHistory, type HistoryEntry, historyFile, readHistory } from '../../../server/learning/history.ts';
import { disk } from '../../../server/workspace/disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-history-'));
});
afterEach(() => rm(folder, { recursive: true }));

const entry = (model: string): HistoryEntry => ({
  date: '2026-11-26T00:00:00.000Z',
  task: 'ner',
  model,
  start: 'warm',
  counts: { sentences: 10, tokens: 200, human: 150, source: 1000, heldOut: 1 },
  accepted: true,
  reason: 'ለመጀመሪያ ጊዜ',
  seconds: 1.5,
});

describe('the history', () => {
  it('is empty at first and keeps the order', async () => {
    expect(await readHistory(disk, folder)).toEqual([]);
    await appendHistory(folder, entry('ner/1'));
    await appendHistory(folder, entry('ner/2'));
    expect(await readHistory(disk, folder)).toEqual([entry('ner/1'), entry('ner/2')]);
  });

  it('loses nothing but the line that was cut off', async () => {
    await appendHistory(folder, entry('ner/1'));
    await appendFile(historyFile(folder), JSON.stringify(entry('ner/2')).slice(0, 40));
    expect((await readHistory(disk, folder)).map(({ model }) => model)).toEqual(['ner/1']);
    await appendHistory(folder, entry('ner/3'));
    expect((await readHistory(disk, folder)).map(({ model }) => model)).toEqual(['ner/1', 'ner/3']);
  });

  it('reads on over lines that it does not know', async () => {
    await appendHistory(folder, entry('ner/1'));
    const known = await readFile(historyFile(folder), 'utf8');
    await writeFile(historyFile(folder), `{"date": 7}\nnull\n\n${known}`);
    expect(await readHistory(disk, folder)).toEqual([entry('ner/1')]);
  });
});
