// Where the annotations of a raw text lie: in the file beside it that has the name of the text and ends in `.ann`.

/** A name of annotations, and the end of it that says how they are packed. */
export const ANNOTATION = /\.ann(\.gz)?$/;

/** The annotations of a raw text, which may be packed; URI or path, as it is given. */
export function annotationFileOf(text: string): string {
  return text.replace(/(\.[^./\\]*)?(\.gz)?$/, '.ann');
}

/** Where annotations of a raw text may lie; the first one that is there counts. */
export function annotationFilesOf(text: string): string[] {
  const file = annotationFileOf(text);
  return text.endsWith('.gz') ? [file, `${file}.gz`] : [file];
}
