// Annotation files beside raw texts: as the editor has them where they are open there, else as the disk has them.
import type { TextDocumentContentChangeEvent, TextDocumentItem } from 'vscode-languageserver-protocol';
import { TextDocument as PlainText } from 'vscode-languageserver-textdocument';
import { decodeText } from '../text/index.ts';
import { type AnnotationFile, pathOf } from './documents.ts';
import type { Files } from './host.ts';

export function isAnnotationFile(uri: string): boolean {
  return uri.endsWith('.ann');
}

export class AnnotationFiles {
  readonly #files: Files;
  readonly #open = new Map<string, PlainText>();

  constructor(files: Files) {
    this.#files = files;
  }

  open({ uri, languageId, version, text }: TextDocumentItem): void {
    this.#open.set(uri, PlainText.create(uri, languageId, version, text));
  }

  change(uri: string, version: number, changes: TextDocumentContentChangeEvent[]): void {
    const document = this.#open.get(uri);
    if (document !== undefined) PlainText.update(document, changes, version);
  }

  close(uri: string): void {
    this.#open.delete(uri);
  }

  isOpen(uri: string): boolean {
    return this.#open.has(uri);
  }

  /** @throws InputError where the file on the disk is no UTF-8 text */
  async read(uri: string): Promise<Omit<AnnotationFile, 'uri'>> {
    const bytes = this.#open.has(uri) ? undefined : await this.#files.read(pathOf(uri));
    // The editor may have opened it meanwhile, and has the last word.
    const open = this.#open.get(uri);
    if (open !== undefined) return { version: open.version, text: open.getText() };
    return { version: null, text: bytes && decodeText(Buffer.from(bytes), pathOf(uri)) };
  }
}
