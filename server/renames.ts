// Files and folders that get other names in the editor: what belongs to them follows.

import type { Connection, FileOperationRegistrationOptions, FileRename } from 'vscode-languageserver/node';
import { FileChangeType, type RenameFile, type WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { LanguageServer } from './language-server.ts';
import { annotationFileOf } from './text/index.ts';
import { disk } from './workspace/disk.ts';
import { pathOf } from './workspace/documents.ts';
import { systemUser } from './workspace/journal/index.ts';
import { languageIdOf } from './workspace/language-ids.ts';

/** Folders, too: what is in them has other names then. */
export const RENAMES: FileOperationRegistrationOptions = {
  filters: [{ scheme: 'file', pattern: { glob: '**/*' } }],
};

export function listenToRenames({ workspace }: Connection, server: LanguageServer): void {
  workspace.onWillRenameFiles(({ files }) => withAnnotations(files));
  workspace.onDidRenameFiles(({ files }) => renamed(server, files));
}

/** The labels of a raw text stand in a file with its name, which is renamed with it, unless the user does that as well. */
async function withAnnotations(files: readonly FileRename[]): Promise<WorkspaceEdit | null> {
  const named = new Set(files.map(({ oldUri }) => oldUri));
  const edits: RenameFile[] = [];
  for (const { oldUri, newUri } of files) {
    if ([oldUri, newUri].some((uri) => languageIdOf(pathOf(uri)) !== 'plaintext')) continue;
    const [from, to] = [annotationFileOf(oldUri), annotationFileOf(newUri)];
    const isLeft = !named.has(from) && (await disk.exists(pathOf(from))) && !(await disk.exists(pathOf(to)));
    if (isLeft) edits.push({ kind: 'rename', oldUri: from, newUri: to });
  }
  return edits.length > 0 ? { documentChanges: edits } : null;
}

/** What was decided in files goes with them. */
async function renamed(server: LanguageServer, files: readonly FileRename[]): Promise<void> {
  for (const { oldUri, newUri } of files) {
    const { annotator } = await server.settings(newUri);
    await server.journal.renamed(pathOf(oldUri), pathOf(newUri), annotator || systemUser());
    server.review.filesChanged([
      { uri: oldUri, type: FileChangeType.Deleted },
      { uri: newUri, type: FileChangeType.Created },
    ]);
  }
}
