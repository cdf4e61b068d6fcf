// Labelled files: read from the disk as documents, and documents as sentences to learn from or to score.
import { existsSync } from 'node:fs';
import type { LabelledSentence } from '../tagger/index.ts';
import { convertTags, detectScheme, OUTSIDE, type Scheme } from '../tags/index.ts';
import {
  ANNOTATION,
  annotationFilesOf,
  detectFormat,
  type Finding,
  type Format,
  InputError,
  isAnnotated,
  parseDocument,
  readTextFile,
  refuseJsonArray,
  requireTokens,
  type Task,
  type TextDocument,
} from '../text/index.ts';
import { positionAt } from './positions.ts';
import { labelledHere } from './raw-labels.ts';

export interface ReadOptions {
  /** Recognised by name and content where it is not given. */
  readonly format?: Format | undefined;
  readonly task?: Task | undefined;
  /** Language of raw text. */
  readonly language?: string | undefined;
  /** Malformed lines are read as far as they can be; this is told of the first, and they are no error. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Told of what may not be meant so. */
  readonly note?: ((message: string) => void) | undefined;
}

/** A path as messages name it. */
export function nameOf(path: string): string {
  return path === '-' ? '<stdin>' : path;
}

/** A document and, for raw text, the annotation file that its labels come from. */
export interface ReadFile {
  readonly document: TextDocument;
  /** Where findings of the annotations stand; undefined where there are none. */
  readonly annotationPath: string | undefined;
}

/**
 * Reads and parses a file; malformed lines stay findings of the document. Raw text gets the labels of the `.ann` beside it.
 * @throws InputError where it cannot be read, or is a JSON array
 */
export async function readFile(path: string, { format, task, language }: ReadOptions = {}): Promise<ReadFile> {
  const isAnnotation = format !== 'txt' && ANNOTATION.test(path);
  const textPath = isAnnotation ? path.replace(ANNOTATION, '.txt$1') : path;
  const text = await readTextFile(textPath);
  const found = format ?? (isAnnotation ? 'standoff' : detectFormat(path, text));
  if (format !== 'txt') refuseJsonArray(found, text, nameOf(path));
  const annotationPath = isAnnotation ? path : besides(found, path);
  const document = parseDocument(text, {
    format: found,
    ...(task === undefined ? {} : { task }),
    ...(language === undefined ? {} : { language }),
    ...(annotationPath === undefined ? {} : { annotations: await readTextFile(annotationPath) }),
  });
  return { document, annotationPath };
}

export const TEXT = /\.txt(\.gz)?$/;

/** The annotation file beside a raw text. */
function besides(format: Format, path: string): string | undefined {
  if (format !== 'txt' && format !== 'standoff') return undefined;
  return annotationFilesOf(path).find((candidate) => existsSync(candidate));
}

/** A finding as an error of the file that it stands in. `more`: what else is to be said. */
function findingError(path: string, document: TextDocument, { message, start }: Finding, more = ''): InputError {
  const { line, character } = positionAt(document, start);
  const cut = message.lastIndexOf('; ');
  const [what, remedy] = cut < 0 ? [message, 'repair it'] : [message.slice(0, cut), message.slice(cut + 2)];
  return new InputError(what, `${remedy}${more}`, { path, line: line + 1, column: character + 1 });
}

/**
 * Reads a file for work that malformed lines would spoil.
 * @throws InputError at the first malformed line; with `warn` it is a warning.
 */
export async function readDocument(path: string, options: ReadOptions = {}): Promise<TextDocument> {
  const { document } = await readFile(path, options);
  requireWellFormed(document, nameOf(path), options.warn);
  return document;
}

/** See `readDocument`. */
export function requireWellFormed(document: TextDocument, path: string, warn?: (message: string) => void): void {
  const errors = document.findings().filter(({ severity }) => severity === 'error');
  const first = errors[0];
  if (first === undefined) return;
  const others = errors.length === 1 ? '' : ` (${errors.length - 1} more: crosstag lint ${path})`;
  const error = findingError(path, document, first, others);
  if (warn === undefined) throw error;
  warn(`warning: ${error.message}`);
}

/** A file of labelled sentences to score by: spans are counted whatever schemes their tags are written in. */
export interface GoldFile {
  readonly path: string;
  readonly document: TextDocument;
  readonly task: Task;
  /** The sentences that have tokens; tags as they stand in the file. */
  readonly sentences: readonly LabelledSentence[];
}

/** A file of labelled sentences in one scheme. */
export interface LabelledFile extends GoldFile {
  /** Scheme of the tags in the file; `pos` for parts of speech. */
  readonly scheme: Scheme;
}

/**
 * Reads a file of labelled sentences.
 * @throws InputError where it has no token, no label, a malformed line or tags of several schemes.
 */
export async function readLabelled(file: string, options: ReadOptions = {}): Promise<LabelledFile> {
  const gold = await readGold(file, options);
  if (isAnnotated(gold.document) && gold.task === 'ner') {
    const decided = await labelledHere(file.replace(ANNOTATION, '.txt$1'), gold.sentences);
    if (decided !== undefined) return { ...gold, sentences: decided, scheme: 'bio' };
    sayUnlabelled(gold, options.note);
  }
  return { ...gold, scheme: gold.task === 'pos' ? 'pos' : oneScheme(gold.document, gold.path) };
}

/** Sentences after the last annotation from which on they are taken for not done yet, and their share of all. */
const UNLABELLED = 10;
const UNLABELLED_SHARE = 0.1;

/** Says so where an annotation file looks as if its text was labelled up to some place. */
function sayUnlabelled({ path, sentences }: GoldFile, note?: (message: string) => void): void {
  const last = sentences.findLastIndex(({ tags }) => tags.some((tag) => tag !== OUTSIDE && tag !== undefined));
  const after = sentences.length - 1 - last;
  if (last < 0 || after < Math.max(UNLABELLED, UNLABELLED_SHARE * sentences.length)) return;
  const what = `the last ${after} of ${sentences.length} sentences have no annotation`;
  note?.(`warning: ${path}: ${what}, which is learnt as “no name”; cut them off if they are not labelled yet`);
}

/**
 * Reads a file of labelled sentences to score by.
 * @throws InputError where it has no token, no label or a malformed line.
 */
export async function readGold(file: string, options: ReadOptions = {}): Promise<GoldFile> {
  const document = await readDocument(file, options);
  const path = nameOf(file);
  requireTokens(document, path);
  const sentences = document.sentences
    .filter(({ tokens }) => tokens.length > 0)
    .map(({ tokens }) => ({ words: tokens.map(({ form }) => form), tags: tokens.map(({ label }) => label) }));
  if (sentences.every(({ tags }) => tags.every((tag) => tag === undefined))) {
    throw new InputError('no token has a label', 'name a labelled file, or its format with --format', { path });
  }
  return { path, document, task: document.task, sentences };
}

function oneScheme(document: TextDocument, path: string): Scheme {
  const tags = document.sentences.map(({ tokens }) => tokens.map(({ label }) => label));
  const { scheme, mixed } = detectScheme(tags);
  const [other] = mixed;
  if (other === undefined) return scheme;
  const start =
    document.offsetOf(other.sentence) + (document.sentences[other.sentence]?.tokens[other.token]?.labelStart ?? 0);
  const { line, character } = positionAt(document, start);
  throw new InputError(
    `the file mixes tag schemes: ${scheme} and, here for the first time, ${other.scheme}`,
    `rewrite it in one: crosstag convert ${path} OUT --scheme ${scheme}`,
    { path, line: line + 1, column: character + 1 },
  );
}

/** Sentences in the scheme that models use: `bio` for names, parts of speech as they are. */
export function forModel({ task, scheme, sentences }: LabelledFile): LabelledSentence[] {
  if (task === 'pos') return [...sentences];
  return sentences.map(({ words, tags }) => ({ words, tags: convertTags(tags, 'bio', scheme) }));
}

/** @throws InputError where some files hold names and others parts of speech. */
export function sharedTask(
  files: readonly LabelledFile[],
  remedy = 'train on one task at a time, or say which with --task',
): Task {
  const [first, ...others] = files;
  const other = others.find(({ task }) => task !== first?.task);
  if (first !== undefined && other !== undefined) {
    throw new InputError(
      `this file holds ${TASK_NAMES[other.task]}, but ${first.path} holds ${TASK_NAMES[first.task]}`,
      remedy,
      { path: other.path },
    );
  }
  return first?.task ?? 'ner';
}

/** What tasks are about, for messages. */
export const TASK_NAMES: Readonly<Record<Task, string>> = { ner: 'names', pos: 'parts of speech' };
