// What a file is called within its workspace folder: the same on every machine.
import { relative, sep } from 'node:path';

/** Path relative to the folder, with forward slashes. */
export function nameWithin(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
