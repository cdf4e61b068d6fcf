// An editor as the server sees it: it applies edits to its documents, tells the server, and saves them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Position, Range, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { JournalledEdit } from '../../server/protocol.ts';
import { Client, type ClientOptions } from './client.ts';

export class Editor {
  readonly client: Client;
  readonly #documents = new Map<string, TextDocument>();
  /** Edits that the server has asked for. */
  readonly asked: WorkspaceEdit[];

  private constructor(client: Client, asked: WorkspaceEdit[]) {
    this.client = client;
    this.asked = asked;
  }

  static async start(options: Omit<ClientOptions, 'applyEdit'>): Promise<Editor> {
    const asked: WorkspaceEdit[] = [];
    let editor: Editor | undefined;
    const applyEdit = async (edit: WorkspaceEdit) => {
      asked.push(edit);
      await editor!.apply(edit);
    };
    editor = new Editor(await Client.start({ ...options, applyEdit }), asked);
    return editor;
  }

  /** Opens a file of the disk. @returns its URI */
  async open(name: string, languageId = 'conll'): Promise<string> {
    const text = await readFile(join(this.client.folder, name), 'utf8').catch(() => '');
    const uri = await this.client.open(name, text, languageId);
    this.#documents.set(uri, TextDocument.create(uri, languageId, 1, text));
    return uri;
  }

  text(uri: string): string {
    return this.#documents.get(uri)!.getText();
  }

  has(uri: string): boolean {
    return this.#documents.has(uri);
  }

  /** What an edit would make of a document. */
  preview(uri: string, { documentChanges = [] }: WorkspaceEdit): string {
    const edits = documentChanges.flatMap((change) =>
      'edits' in change && change.textDocument.uri === uri ? (change.edits as TextEdit[]) : [],
    );
    return TextDocument.applyEdits(this.#documents.get(uri)!, edits);
  }

  async apply({ documentChanges = [] }: WorkspaceEdit): Promise<void> {
    for (const change of documentChanges) {
      if (!('edits' in change)) continue;
      const { uri } = change.textDocument;
      // As the extension does it: the annotation file is opened before it is edited.
      if (!this.#documents.has(uri)) await this.open(uri.slice(uri.lastIndexOf('/') + 1), 'brat');
      const edits = (change as TextDocumentEdit).edits as TextEdit[];
      const { version } = change.textDocument;
      const there = this.#documents.get(uri)!.version;
      if (version !== null && version !== there) throw new Error(`${uri} has version ${there}, not ${version}`);
      // From the end to the start, so that the ranges of the others hold.
      const sorted = edits.toReversed().sort((a, b) => compare(b.range.start, a.range.start));
      await this.#change(
        uri,
        sorted.map(({ range, newText }) => ({ range, text: newText })),
      );
    }
  }

  type(uri: string, range: Range, text: string): Promise<void> {
    return this.#change(uri, [{ range, text }]);
  }

  /** Types over what is different, as undo and redo do. */
  async become(uri: string, text: string): Promise<void> {
    const now = this.text(uri);
    const most = Math.min(now.length, text.length);
    let start = 0;
    while (start < most && now[start] === text[start]) start++;
    let same = 0;
    while (same < most - start && now.at(-1 - same) === text.at(-1 - same)) same++;
    const document = this.#documents.get(uri)!;
    const range = { start: document.positionAt(start), end: document.positionAt(now.length - same) };
    await this.type(uri, range, text.slice(start, text.length - same));
  }

  async #change(uri: string, contentChanges: { range: Range; text: string }[]): Promise<void> {
    const document = this.#documents.get(uri)!;
    const version = document.version + 1;
    TextDocument.update(document, contentChanges, version);
    const params = { textDocument: { uri, version }, contentChanges };
    await this.client.connection.sendNotification('textDocument/didChange', params);
  }

  /** Asks for an edit of labels and applies it. @returns the ids of its journal lines */
  async label(method: string, params: object): Promise<readonly string[]> {
    const edit = await this.client.request<JournalledEdit>(`crosstag/${method}`, params);
    await this.apply(edit);
    return edit.journal ?? [];
  }

  /** Labels the word at each of these places as a person, and marks its sentence as reviewed. */
  async decide(uri: string, label: string, places: readonly Position[]): Promise<void> {
    for (const start of places) {
      const range = { start, end: start };
      await this.label('relabel', { uri, range, label });
      await this.label('review', { uri, range, reviewed: true });
    }
  }

  async save(uri: string): Promise<void> {
    await writeFile(fileURLToPath(uri), this.text(uri));
    await this.client.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
  }

  async close(uri: string): Promise<void> {
    this.#documents.delete(uri);
    await this.client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** What the server has told the user so far. */
  get messages(): string[] {
    const shown = this.client.notified.filter(({ method }) => method === 'window/showMessage');
    return shown.map(({ params }) => (params as { message: string }).message);
  }

  /** The server ends as if its machine had lost power. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.client.server.once('exit', resolve));
    this.client.server.kill('SIGKILL');
    await ended;
    this.client.connection.dispose();
  }
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}
