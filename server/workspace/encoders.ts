// Which encoders there are: <workspace>/.crosstag/encoders/<name>/<version>/.
import { join } from 'node:path';
import type { Files } from './host.ts';
import { newestIn, nextIn } from './versions.ts';

function encodersFolder(workspace: string, name: string): string {
  return join(workspace, '.crosstag', 'encoders', name);
}

/** The folder for the next encoder of this name; an interrupted pre-training is taken up again. */
export function nextEncoder(files: Files, workspace: string, name: string): Promise<string> {
  return nextIn(files, encodersFolder(workspace, name));
}

/** The newest finished encoder of this name; undefined where there is none. */
export function newestEncoder(files: Files, workspace: string, name: string): Promise<string | undefined> {
  return newestIn(files, encodersFolder(workspace, name), 'encoder.json');
}
