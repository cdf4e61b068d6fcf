// Edits of labels as they are handed out: through the journal, and in the form that the client understands.
import { type ClientCapabilities, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { type Labelling, tagsAfter } from './features/edits.ts';
import type { JournalledOptions } from './journal-service.ts';
import type { LanguageServer } from './language-server.ts';
import type { JournalledEdit } from './protocol.ts';
import type { OpenDocument } from './workspace/documents.ts';
import type { LabelAction } from './workspace/journal/index.ts';

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
    const { scheme } = this.#server.diagnostics.linterOf(document);
    return this.ofTags(document, action, tagsAfter(document, labellings, scheme), options);
  }

  /**
   * The same for whole sentences.
   * @param tags sentence -> all its tags
   */
  async ofTags(
    document: OpenDocument,
    action: LabelAction,
    tags: ReadonlyMap<number, readonly (string | undefined)[]>,
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

/** What goes wrong is one message for people. */
export async function failing<R>(work: () => R | Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    throw new ResponseError(LSPErrorCodes.RequestFailed, error instanceof Error ? error.message : String(error));
  }
}

function plain({ documentChanges = [] }: WorkspaceEdit): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const change of documentChanges) {
    if ('edits' in change) changes[change.textDocument.uri] = change.edits.filter((edit) => 'newText' in edit);
  }
  return { changes };
}
