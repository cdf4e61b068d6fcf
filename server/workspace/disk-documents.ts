// Documents that are not open in an editor, read from the disk.
import { pathToFileURL } from 'node:url';
import { isAnnotated, readTextFile } from '../text/index.ts';
import type { AnnotationFiles } from './annotation-files.ts';
import { OpenDocument } from './documents.ts';
import type { Settings } from './settings.ts';

/**
 * A document with the annotations beside it.
 * @param path absolute
 * @throws InputError where a file cannot be read
 */
export async function readFromDisk(
  path: string,
  settings: Settings,
  annotations: AnnotationFiles,
): Promise<OpenDocument> {
  const item = { uri: pathToFileURL(path).href, languageId: '', version: 0, text: await readTextFile(path) };
  const document = new OpenDocument(item, settings);
  if (isAnnotated(document.text)) document.annotate(await annotations.read(document.annotationFile.uri));
  return document;
}
