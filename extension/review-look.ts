// How the lines of the review view look beside their labels: done or open in the margin, and behind the line where it stands
// and why it was chosen. Colour is never the only sign.
import * as vscode from 'vscode';
import type { Decorations } from './decorations.ts';
import { Disposable } from './disposable.ts';
import { isReview } from './documents.ts';
import { Painted } from './painted.ts';
import type { ReviewDocument, Shown } from './review-document.ts';
import { SMALL } from './styles.ts';

export class ReviewLook extends Disposable {
  private readonly done: vscode.TextEditorDecorationType;
  private readonly open: vscode.TextEditorDecorationType;
  private readonly about = this._register(
    vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed }),
  );

  private readonly painted = new WeakMap<vscode.TextEditor, Painted>();

  constructor(
    context: vscode.ExtensionContext,
    private readonly decorations: Decorations,
    private readonly document: ReviewDocument,
  ) {
    super();
    const icon = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'media', `review-${name}.svg`);
    const gutterIconSize = '80%';
    this.done = this._register(
      vscode.window.createTextEditorDecorationType({ gutterIconPath: icon('done'), gutterIconSize, opacity: '0.6' }),
    );
    this.open = this._register(
      vscode.window.createTextEditorDecorationType({ gutterIconPath: icon('open'), gutterIconSize }),
    );
    this._register(decorations.onDidShow((shown) => isReview(shown) && this.show()));
  }

  private show(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (!isReview(editor.document)) continue;
      const ranges = { reviewed: [] as vscode.Range[], open: [] as vscode.Range[] };
      const about: vscode.DecorationOptions[] = [];
      for (const { range, state } of this.decorations.sentences(editor)) {
        const { line } = range.start;
        const shown = this.document.lines[line];
        if (shown === undefined || line >= editor.document.lineCount) continue;
        const whole = editor.document.lineAt(line).range;
        ranges[state].push(whole);
        about.push(behind(whole.end, shown));
      }
      this.paintedIn(editor).set(
        new Map<vscode.TextEditorDecorationType, vscode.Range[] | vscode.DecorationOptions[]>([
          [this.done, ranges.reviewed],
          [this.open, ranges.open],
          [this.about, about],
        ]),
      );
    }
  }

  private paintedIn(editor: vscode.TextEditor): Painted {
    let painted = this.painted.get(editor);
    if (painted === undefined) {
      painted = new Painted(editor);
      this.painted.set(editor, painted);
    }
    return painted;
  }
}

/** Isolated (U+2066 ... U+2069), so that it keeps its order behind right-to-left text. */
function behind(end: vscode.Position, { item }: Shown): vscode.DecorationOptions {
  const file = item.uri.replace(/^.*\//, '');
  return {
    range: new vscode.Range(end, end),
    renderOptions: {
      after: {
        contentText: `\u2066${item.why} · ${decodeURIComponent(file)}\u2069`,
        color: new vscode.ThemeColor('descriptionForeground'),
        margin: '0 0 0 2em',
        textDecoration: SMALL,
      },
    },
  };
}
