// Linting in slices: one at a time for each document, whatever happens to it meanwhile.
import { expect, it, vi } from 'vitest';
import { Diagnostics } from '../../../server/features/diagnostics.ts';
import { OpenDocument } from '../../../server/workspace/documents.ts';
import { parseSettings } from '../../../server/workspace/settings.ts';
import { HandClock } from '../../hand-clock.ts';

it('lints a large document slice by slice, in one chain, while the model answers, and sends what it found once', async () => {
  const text = Array.from({ length: 40_000 }, (_, i) => `አበበ${i % 900} B-PER\nमुंबई${i % 700} O\n\n`).join('');
  const item = { uri: 'file:///big.conll', languageId: 'conll', version: 1, text };
  const document = new OpenDocument(item, parseSettings(undefined));
  const clock = new HandClock();
  const after = vi.spyOn(clock, 'after');
  const published: number[] = [];
  const diagnostics = new Diagnostics(clock, (_, found) => published.push(found.length));
  diagnostics.open(document);
  let slices = 0;
  for (; published.length === 0; slices++) {
    diagnostics.answered(document);
    after.mockClear();
    await clock.pass(150);
    expect(after.mock.calls.filter(([milliseconds]) => milliseconds === 0).length).toBeLessThanOrEqual(1);
  }
  expect(slices).toBeGreaterThan(4);
  await clock.passAll();
  expect(published.length).toBeLessThanOrEqual(2);
  diagnostics.close(document);
});

it('answers about a document that was closed while somebody waited, and keeps nothing of it', () => {
  const item = { uri: 'file:///a.conll', languageId: 'conll', version: 1, text: 'አበበ S-PER\nናት O\n\n' };
  const document = new OpenDocument(item, parseSettings(undefined));
  const published: number[] = [];
  const diagnostics = new Diagnostics(new HandClock(), (_, found) => published.push(found.length));
  diagnostics.open(document);
  const linter = diagnostics.linterOf(document);
  expect(diagnostics.linterOf(document)).toBe(linter);
  diagnostics.close(document);
  expect(diagnostics.linterOf(document).scheme).toBe(linter.scheme);
  expect(published).toEqual([0]);
});
