// What is decided in running text: its annotation file can say which names there are, but not where there is none.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LabelledSentence } from '../tagger/index.ts';
import { OUTSIDE } from '../tags/index.ts';
import { contentHash } from '../text/index.ts';
import { nameWithin } from './file-name.ts';
import { addressesIn, Journal, journalFolder, rawTags } from './journal/index.ts';

/**
 * Sentences of a running text that people label here, as far as they are decided; undefined for one that no journal knows: of
 * an annotation file from elsewhere what it does not name is no name.
 * @param path of the text
 * @param sentences tags `O` where the annotation file says nothing
 */
export async function labelledHere(
  path: string,
  sentences: readonly LabelledSentence[],
): Promise<LabelledSentence[] | undefined> {
  const folder = workspaceOf(path);
  if (folder === undefined) return undefined;
  const journal = new Journal(folder, { problem: () => undefined });
  await journal.refresh();
  const name = nameWithin(folder, resolve(path));
  if (!journal.has(name)) return undefined;
  const addressOf = addressesIn(name);
  return sentences.map((sentence) => {
    const names = sentence.tags.map((tag) => (tag === OUTSIDE ? undefined : tag));
    return { ...sentence, tags: rawTags(names, journal.sentence(addressOf(contentHash(sentence.words)))) };
  });
}

/** The nearest folder around a file that has a journal. */
function workspaceOf(path: string): string | undefined {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if (existsSync(journalFolder(folder))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
