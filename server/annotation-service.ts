// The annotation files beside the raw texts that are open: who reads them, and how they follow the text that they stand off from.

import type {
  Diagnostic,
  DidChangeTextDocumentParams,
  TextDocumentItem,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { TextDocument as PlainText } from 'vscode-languageserver-textdocument';
import { toDiagnostics } from './features/diagnostics.ts';
import { annotationEdit } from './features/edits.ts';
import { MOVE_ANNOTATIONS } from './protocol.ts';
import { messageOf } from './text/error-message.ts';
import { isAnnotated, writeFileAtomic } from './text/index.ts';
import { AnnotationFiles } from './workspace/annotation-files.ts';
import { type Documents, type OpenDocument, pathOf } from './workspace/documents.ts';
import type { Files, Logger } from './workspace/host.ts';

export interface AnnotationServiceOptions {
  readonly documents: Documents;
  readonly files: Files;
  readonly log: Logger;
  /** Lets the editor apply an edit. @returns whether it did */
  readonly apply: (label: string, edit: WorkspaceEdit) => Promise<boolean>;
  /** An annotation file is another one now, whether its text is open or not. */
  readonly fileChanged: (file: string) => void;
  /** The labels of an open document are others now. */
  readonly annotated: (document: OpenDocument) => void;
  readonly diagnose: (uri: string, diagnostics: Diagnostic[]) => void;
}

export class AnnotationService {
  /** As the editor has them, or the disk. */
  readonly files: AnnotationFiles;
  readonly #options: AnnotationServiceOptions;

  constructor(options: AnnotationServiceOptions) {
    this.#options = options;
    this.files = new AnnotationFiles(options.files);
  }

  opened(item: TextDocumentItem): void {
    this.files.open(item);
    this.fileChanged(item.uri);
  }

  changed({ textDocument: { uri, version }, contentChanges }: DidChangeTextDocumentParams): void {
    this.files.change(uri, version, contentChanges);
    this.fileChanged(uri);
  }

  closed(uri: string): void {
    this.files.close(uri);
    this.fileChanged(uri);
  }

  /** An annotation file is another one now: whoever is annotated by it reads it again. */
  fileChanged(file: string): void {
    for (const document of this.documentsOf(file)) void this.read(document);
    this.#options.fileChanged(file);
  }

  /** The open documents that an annotation file belongs to. */
  documentsOf(file: string): OpenDocument[] {
    return [...this.#options.documents.all()].filter(
      ({ annotationFile, text }) => annotationFile.uri === file && isAnnotated(text),
    );
  }

  /** Reads the annotations of a document, if it has such a file; what is wrong with them stays with the document. */
  async read(document: OpenDocument): Promise<void> {
    if (!isAnnotated(document.text)) return;
    try {
      this.#annotate(document, await this.files.read(document.annotationFile.uri));
    } catch (error) {
      const problem = messageOf(error);
      document.annotationsFailed(problem);
      this.#options.log.error(problem);
    }
  }

  /**
   * Where edits of the text have moved annotations, the file in the editor follows before a label is set: the edit of the
   * label is then that alone, and undoing it leaves the others where their words are.
   * @returns false where the file is not open in the editor, or the editor leaves it as it was
   */
  async move(document: OpenDocument): Promise<boolean> {
    if (!document.hasMovedAnnotations) return true;
    if (document.annotationFile.version === null) return false;
    return this.#options.apply(MOVE_ANNOTATIONS, annotationEdit(document, []));
  }

  /**
   * The offsets of annotations moved with the text: they are saved with it.
   * @throws Error where the editor has the file open and does not apply the edit; that of the file system
   */
  async saved(document: OpenDocument): Promise<void> {
    if (!document.hasMovedAnnotations || !isAnnotated(document.text)) return;
    const { annotations } = document.text;
    const { uri: file, text } = document.annotationFile;
    if (this.files.isOpen(file)) {
      if (await this.move(document)) return;
      throw new Error(`${pathOf(file)}: the editor leaves the open file as it was; close it`);
    }
    const onDisk = await this.files.read(file);
    if (onDisk.text === text) {
      await writeFileAtomic(pathOf(file), annotations);
      document.annotationsSaved(annotations);
    } else this.#annotate(document, onDisk);
  }

  #annotate(document: OpenDocument, content: { version: number | null; text: string | undefined }): void {
    const { documents, annotated, diagnose } = this.#options;
    if (documents.get(document.uri) !== document || !isAnnotated(document.text)) return;
    if (document.annotate(content)) annotated(document);
    const { uri, text } = document.annotationFile;
    if (text === undefined) return;
    const plain = PlainText.create(uri, 'brat', 0, document.text.annotations);
    diagnose(
      uri,
      toDiagnostics(document.text.annotationFindings(), (offset) => plain.positionAt(offset)),
    );
  }
}
