import type * as vscode from 'vscode';

type Ranges = readonly vscode.Range[] | readonly vscode.DecorationOptions[];

/** The decorations of one editor. What is set is drawn anew, and a key waits for it: what is there already is not set again. */
export class Painted {
  /** Types that now have ranges in the editor, with the ranges, as JSON. */
  private used: ReadonlyMap<vscode.TextEditorDecorationType, string> = new Map();
  /** Version of the text whose ranges these are: edits move them. */
  private version = -1;

  constructor(private readonly editor: vscode.TextEditor) {}

  /** @param options of each type; types that are not among them have no ranges from now on */
  set(options: ReadonlyMap<vscode.TextEditorDecorationType, Ranges>): void {
    const { editor } = this;
    const used = new Map([...options].map(([type, list]) => [type, JSON.stringify(list)]));
    const isMoved = this.version !== editor.document.version;
    for (const type of this.used.keys()) if (!used.has(type)) editor.setDecorations(type, []);
    for (const [type, list] of options) {
      if (isMoved || used.get(type) !== this.used.get(type)) editor.setDecorations(type, list);
    }
    this.used = used;
    this.version = editor.document.version;
  }
}
