// What has been trained in the workspace.
import * as vscode from 'vscode';

/** A folder of something that was trained, and when. */
export interface Trained {
  readonly folder: vscode.Uri;
  /** Name and version, as `ner/3`. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** The folders with a file that matches, newest first. */
export async function trained(pattern: string): Promise<Trained[]> {
  // null: `files.exclude` often hides folders with a dot.
  const found = await vscode.workspace.findFiles(pattern, null, 200);
  const dated = await Promise.all(
    found.map(async (file) => {
      const folder = vscode.Uri.joinPath(file, '..');
      const name = folder.path.split('/').slice(-2).join('/');
      return { folder, name, modified: (await vscode.workspace.fs.stat(file)).mtime };
    }),
  );
  return dated.sort((a, b) => b.modified - a.modified);
}
