// The door of the room: text, its formats, and nothing else.

export { ANNOTATION, annotationFileOf, annotationFilesOf } from './annotation-paths.ts';
export { annotate } from './annotations.ts';
export { contentHash } from './content-hash.ts';
export { bratLabel, type Converted, type ConvertOptions, convertDocument } from './convert.ts';
export { decodeText } from './decode.ts';
export { detectFormat, formatOfExtension, refuseJsonArray } from './detect.ts';
export { applyEdits, replaced } from './document.ts';
export { fileError, readTextFile, requireTokens, writeFileAtomic } from './files.ts';
export { type ParseOptions, parseDocument } from './parse.ts';
export { type Reading, readingOf } from './reading.ts';
export * from './types.ts';
