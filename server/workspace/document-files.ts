// The files that are to be labelled: those that crosstag.json names as `documents`, and what lies in such folders.
import { join } from 'node:path';
import { formatOfExtension } from '../text/index.ts';
import type { Files } from './host.ts';
import type { LanguageFile, Project } from './project.ts';

/**
 * Sorted by path. Files that crosstag.json gives another part (training, development, test, plain text) are not among them,
 * and of folders only files whose names say that they hold text: `.txt`, `.conll`, `.conllu`, `.iob2`, `.jsonl`, ... Files
 * and folders whose names begin with a dot are left out.
 */
export async function documentFiles(files: Files, project: Project): Promise<LanguageFile[]> {
  const others = project.otherFiles();
  const found = new Map<string, LanguageFile>();
  const add = async (path: string, named: boolean): Promise<void> => {
    const names = await files.list(path);
    for (const name of names) if (!name.startsWith('.')) await add(join(path, name), false);
    if (names.length > 0 || others.has(path) || found.has(path)) return;
    if (named ? !(await files.exists(path)) : !isText(path)) return;
    const language = project.languageOf(path);
    if (language !== undefined) found.set(path, { path, language });
  };
  for (const { documents = [] } of project.description.languages) {
    for (const path of documents) await add(join(project.folder, path).replace(/\.ann$/, '.txt'), true);
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isText(path: string): boolean {
  const format = formatOfExtension(path);
  return /\.txt(\.gz)?$/i.test(path) || (format !== undefined && format !== 'standoff');
}
