// Edits of labels as they are handed out: through the journal, and in the form that the client understands.
import type { ClientCapabilities } from 'vscode-languageserver/node';
import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { type Labelling, tagsAfter } from './features/edits.ts';
import type { JournalledOptions } from './journal-service.ts';
import type { LanguageServer } from './language-server.ts';
import type { JournalledEdit } from './protocol.ts';
import { failing } from './work-done.ts';
import type { OpenDocument } from './workspace/documents.ts';
import type { LabelAction } from './workspace/journal/index.ts';

/** Sentence -> all its tags. */
export type SentenceTags = ReadonlyMap<number, readonly (string | undefined)[]>;

export class JournalledEdits {
  readonly #server: LanguageServer;
  readonly #client: ClientCapabilities;

  constructor(server: LanguageServer, client: ClientCapabilities) {
    this.#server = server;
    this.#client = client;
  }

  /**
   * The edit that gives tokens labels, its journal lines on the disk.
   * @throws ResponseError where they cannot be written
   */
  of(
    document: OpenDocument,
    action: LabelAction,
    labellings: readonly Labelling[],
    options: JournalledOptions = {},
  ): Promise<JournalledEdit> {
    return this.ofTags(document, action, this.tagsAfter(document, labellings), options);
  }

  /** The tags of the sentences that get labels, written as the file writes its tags. */
  tagsAfter(document: OpenDocument, labellings: readonly Labelling[]): SentenceTags {
    const { scheme } = this.#server.diagnostics.linterOf(document);
    return tagsAfter(document, labellings, scheme);
  }

  /** The same for whole sentences. */
  async ofTags(
    document: OpenDocument,
    action: LabelAction,
    tags: SentenceTags,
    options: JournalledOptions = {},
  ): Promise<JournalledEdit> {
    return this.asClientLikes(await failing(() => this.#server.journal.journalled(document, action, tags, options)));
  }

  /** For clients that know no versions and cannot create files: text edits by document. */
  asClientLikes(edit: JournalledEdit): JournalledEdit {
    if (this.#client.workspace?.workspaceEdit?.documentChanges) return edit;
    return { ...plain(edit), ...(edit.journal !== undefined && { journal: edit.journal }) };
  }
}

function plain({ documentChanges = [] }: WorkspaceEdit): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const change of documentChanges) {
    if ('edits' in change) changes[change.textDocument.uri] = change.edits.filter((edit) => 'newText' in edit);
  }
  return { changes };
}
