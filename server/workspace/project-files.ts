// The files that crosstag.json lists as documents to label.
import { join } from 'node:path';
import type { Files } from './host.ts';
import { EXTENSIONS } from './language-ids.ts';
import type { Project } from './project.ts';

/** What is labelled in a folder; annotation files are found beside their texts. */
const LABELLED = new RegExp(`\\.(${EXTENSIONS.join('|')})$`, 'i');

/**
 * Absolute paths of the documents: files that are listed, whatever they are called, and folders with all that is in them,
 * sorted; each path once. Files that crosstag.json gives another part (training, development, test, plain text) are not
 * among them.
 * @param warn is told of what is listed and not there
 */
export async function projectFiles(files: Files, project: Project, warn: (message: string) => void): Promise<string[]> {
  for (const { message } of await project.missingDocuments(files)) warn(message);
  const found = new Set<string>();
  for (const path of project.documentPaths()) {
    if (await files.isFile(path)) found.add(path);
    else await collect(files, path, found);
  }
  const others = project.otherFiles();
  return [...found].filter((path) => !others.has(path));
}

async function collect(files: Files, folder: string, found: Set<string>): Promise<void> {
  for (const name of [...(await files.list(folder))].sort()) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    if (LABELLED.test(name) && (await files.isFile(path))) found.add(path);
    else await collect(files, path, found);
  }
}
