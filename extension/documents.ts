// Which documents are ours.
import * as vscode from 'vscode';
import { rawTextEnabled } from './config.ts';
import { isForeign, JSON_LINES } from './json-lines.ts';

/** The protocol's, whose own value would load its library at the start. */
export const REVIEW_SCHEME: typeof import('../server/protocol.ts').REVIEW_SCHEME = 'crosstag-review';

/** Files with one token a line: their label stands in a column of its own and is visible as text. */
const COLUMNS = ['conll', 'conllu'];

/** Where files stand that can be labelled: not in git, in an older version of a file, or in a log. */
const SCHEMES = ['file', 'untitled', 'vscode-vfs'];

interface DocumentFilter {
  readonly scheme: string;
  readonly language: string;
  readonly pattern?: string;
}

/** Selector of the documents that the language server looks after, by the present settings. */
export function documentSelector(): DocumentFilter[] {
  const selector: Omit<DocumentFilter, 'scheme'>[] = [...COLUMNS, JSON_LINES].map((language) => ({ language }));
  // `plaintext` is also the language of output channels, logs and new files: only real text files are meant.
  if (rawTextEnabled()) selector.push({ language: 'plaintext', pattern: '**/*.txt' });
  return SCHEMES.flatMap((scheme) => selector.map((filter) => ({ scheme, ...filter })));
}

/** Files that the server looks after, and the review view, which shows sentences of them. */
export function isOurs(document: vscode.TextDocument): boolean {
  return isReview(document) || (vscode.languages.match(documentSelector(), document) > 0 && !isForeign(document));
}

/** The review view: a document whose lines are sentences of files. */
export function isReview({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === REVIEW_SCHEME;
}

/** Text without labels of its own: they stand in an annotation file beside it. */
export function isRawText(document: vscode.TextDocument): boolean {
  return document.languageId === 'plaintext';
}

export function hasColumns(document: vscode.TextDocument): boolean {
  return COLUMNS.includes(document.languageId);
}
