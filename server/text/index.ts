// The door of the room: text, its formats, and nothing else.

export { detectFormat, formatOfExtension } from './detect.ts';
export { applyEdits } from './document.ts';
export { type ParseOptions, parseDocument } from './parse.ts';
export * from './types.ts';
