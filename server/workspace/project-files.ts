// The files that crosstag.json lists as documents to label.
import { join } from 'node:path';
import type { Files } from './host.ts';
import type { Project } from './project.ts';

/** What is labelled; annotation files are found beside their texts. */
const LABELLED = /\.(conll|conll2002|conll2003|iob|iob1|iob2|bio|uner|conllu|conllup|jsonl|ndjson|txt)$/i;

/**
 * Absolute paths of the documents, folders with all that is in them; sorted within a folder, each path once. Files that
 * crosstag.json gives another part (training, development, test, plain text) are not among them.
 */
export async function projectFiles(files: Files, project: Project): Promise<string[]> {
  const found = new Set<string>();
  for (const { documents = [] } of project.description.languages) {
    for (const path of documents) await collect(files, join(project.folder, path), found);
  }
  const others = project.otherFiles();
  return [...found].filter((path) => !others.has(path));
}

async function collect(files: Files, path: string, found: Set<string>): Promise<void> {
  const inside = await files.list(path);
  for (const name of [...inside].sort()) if (!name.startsWith('.')) await collect(files, join(path, name), found);
  // A name that nothing is in is a file, or is not there.
  if (inside.length === 0 && LABELLED.test(path) && (await files.exists(path))) found.add(path);
}
