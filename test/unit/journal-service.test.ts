// The journal's service without an editor: what comes at the same moment, in the order that hurts most.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JournalService } from '../../server/journal-service.ts';
import { Documents, OpenDocument } from '../../server/workspace/documents.ts';
import type { Clock } from '../../server/workspace/host.ts';
import { parseSettings } from '../../server/workspace/settings.ts';

const TEXT = 'አዲስ _\n\nአበባ _\n\n';

/** A clock that strikes when it is told to. */
class ManualClock implements Clock {
  #waiting = new Set<() => void>();

  now(): number {
    return 0;
  }

  after(_: number, callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  strike(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-service-'));
});
afterEach(() => rm(folder, { recursive: true }));

function serviceOf(clock: Clock, documents: Documents): JournalService {
  const nothing = () => {};
  return new JournalService({
    ...{ documents, clock, log: { info: nothing, warn: nothing, error: nothing }, report: nothing },
    ...{ folders: () => [folder], trusted: () => true, apply: async () => false, hasOpenAnnotations: () => false },
    ...{ changed: nothing, labelled: nothing },
  });
}

it('a save whose turn has not come is no file that another program wrote', async () => {
  const path = join(folder, 'a.conll');
  await writeFile(path, TEXT);
  const document = new OpenDocument(
    { uri: pathToFileURL(path).href, languageId: 'conll', version: 1, text: TEXT },
    parseSettings({ annotator: 'Ngũgĩ' }),
  );
  const documents = new Documents();
  documents.add(document);
  const clock = new ManualClock();
  const service = serviceOf(clock, documents);
  await service.opened(document);
  const type = (line: number, before: string, after: string) => {
    const start = { line, character: document.text.sentences[line / 2]!.tokens[0]!.labelStart };
    const end = { line, character: start.character + before.length };
    document.version++;
    document.change({ range: { start, end }, text: after });
    service.edited(document);
  };
  type(0, '_', 'B-LOC');
  await service.journalled(document, 'label', new Map([[1, ['B-PER']]]));
  await writeFile(path, document.text.text);
  // The pause after the first label ends as the save is announced; then the other label comes, and is undone.
  clock.strike();
  let isSaved = false;
  void service.saved(document).then(() => {
    isSaved = true;
  });
  type(2, '_', 'B-PER');
  type(2, 'B-PER', '_');
  while (!isSaved) {
    clock.strike();
    await turn();
  }
  await service.flush();
  const journal = await service.journalOf(folder);
  const tagOf = (index: number) => journal.sentence(document.journal!.address(index))!.tokens[0]!.tag;
  expect([tagOf(0), tagOf(1)]).toEqual(['B-LOC', undefined]);
});
