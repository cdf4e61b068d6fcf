// The review view: sentences in the order in which their labels teach most, one a line, labelled with the same keys as files.
import * as vscode from 'vscode';
import { reviewBatch } from './config.ts';
import { Disposable } from './disposable.ts';
import { isReview, REVIEW_SCHEME } from './documents.ts';
import { hasProject, projectFile } from './project.ts';
import { reveal } from './ranges.ts';
import type { ReviewDocument } from './review-document.ts';
import type { Server } from './server.ts';

const LANGUAGE = 'crosstag-review';

export class Review extends Disposable implements vscode.DefinitionProvider, vscode.HoverProvider {
  constructor(
    private readonly server: Server,
    private readonly document: ReviewDocument,
  ) {
    super();
    const selector = { scheme: REVIEW_SCHEME };
    this._register(vscode.languages.registerDefinitionProvider(selector, this));
    this._register(vscode.languages.registerHoverProvider(selector, this));
    // A view of an earlier session: nobody knows its sentences any more.
    const stale = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === REVIEW_SCHEME);
    if (stale.length > 0) void vscode.window.tabGroups.close(stale);
  }

  /** Shows the view; it is filled when it is opened, and not opened where nothing would stand in it. */
  async open(): Promise<void> {
    const { uri, lines } = this.document;
    if (lines.length === 0 && !(await this.next())) return;
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.languageId !== LANGUAGE) await vscode.languages.setTextDocumentLanguage(document, LANGUAGE);
    const editor = await vscode.window.showTextDocument(uri, { preview: false });
    if (lines.length === 0) await this.goTo(editor, 0);
  }

  /** The next sentences of the queue take the place of those that are done. */
  async more(): Promise<void> {
    await this.next();
    const editor = vscode.window.visibleTextEditors.find((one) => isReview(one.document));
    if (editor !== undefined) await this.goTo(editor, 0);
  }

  /** All lines in the order that they have now; what is done leaves. */
  async refresh(): Promise<void> {
    await this.document.fill(reviewBatch(), true);
  }

  /** Goes to the next open line, below or from the first one on; where none is left, the next ones come. */
  async goOn(editor: vscode.TextEditor): Promise<void> {
    const { line } = editor.selection.active;
    if (!(await this.goTo(editor, line + 1)) && !(await this.goTo(editor, 0))) await this.more();
  }

  async provideDefinition(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Location | undefined> {
    if (this.document.lines[position.line] === undefined) return undefined;
    return this.server.ask((connection) => connection.reviewPlace(document, new vscode.Range(position, position)));
  }

  /** What the file says of the word, and what the view says of the line. */
  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const shown = this.document.lines[position.line];
    if (shown === undefined) return undefined;
    const { uri, range } = await this.server.ask((connection) =>
      connection.reviewPlace(document, new vscode.Range(position, position)),
    );
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      uri,
      range.start,
    );
    const about = new vscode.MarkdownString();
    const place = `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}`;
    about.appendText(`${place}\n`);
    about.appendText(vscode.l10n.t('Shown because: {0}', shown.item.why));
    return new vscode.Hover([...hovers.flatMap(({ contents }) => contents), about]);
  }

  /** @returns false where there is nothing to review, which is said */
  private async next(): Promise<boolean> {
    if ((await this.document.fill(reviewBatch())) > 0) return true;
    const { complete, files } = this.document.queue;
    if (complete && files === 0) void this.sayThatThereAreNone();
    else {
      const message = complete
        ? vscode.l10n.t('Nothing is left to review: every sentence is decided.')
        : vscode.l10n.t('The documents are still being read; ask again in a moment.');
      void vscode.window.showInformationMessage(message);
    }
    return false;
  }

  /** There are no documents at all: that is no work that is done. */
  private async sayThatThereAreNone(): Promise<void> {
    const { workspaceFolders = [] } = vscode.workspace;
    const isProject = await Promise.all(workspaceFolders.map(hasProject));
    const project = workspaceFolders.find((_, i) => isProject[i]);
    const [open, setUp] = [vscode.l10n.t('Open crosstag.json'), vscode.l10n.t('Set Up Project')];
    const message =
      project === undefined
        ? vscode.l10n.t('There is nothing to review: open a file that is to be labelled, or set up a project of files.')
        : vscode.l10n.t('There is nothing to review: crosstag.json names no documents that are there.');
    const buttons = project === undefined ? [setUp] : [open, setUp];
    const answer = await vscode.window.showInformationMessage(message, ...buttons);
    if (answer === open && project !== undefined) await vscode.window.showTextDocument(projectFile(project));
    if (answer === setUp) await vscode.commands.executeCommand('crosstag.setUpProject');
  }

  /** Selects where to go on in the first open line from `line` on. @returns false where there is none */
  private async goTo(editor: vscode.TextEditor, line: number): Promise<boolean> {
    const found = await this.server.ask((connection) =>
      connection.openSentence(editor.document, new vscode.Position(line, 0), 1, true),
    );
    if (found === undefined) return false;
    reveal(editor, found);
    return true;
  }
}
