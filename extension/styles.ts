// How labels look. Colour is never the only sign: a label has a tinted background and a line below, solid where somebody gave
// it here and dotted where it stood in the file; a suggestion has a dashed frame, and its name and probability with a question
// mark stand beside it.
import * as vscode from 'vscode';
import type { ShownLabel } from '../server/protocol.ts';
import { colourOf } from './colours.ts';
import { Disposable } from './disposable.ts';

/** Smaller than the text. The API has no font size; `textDecoration` is written into the style as it stands. */
export const SMALL = 'none; font-size: 0.8em';

/** The decoration types, one a label and origin, made when first used. */
export class Styles extends Disposable {
  private readonly types = new Map<string, vscode.TextEditorDecorationType>();

  /** Type of the text under a label. */
  of(label: string, origin: ShownLabel['origin']): vscode.TextEditorDecorationType {
    return this.type(`${origin}:${label}`, () => {
      const colour = colourOf(label);
      const borderColor = new vscode.ThemeColor(`crosstag.label${colour}`);
      const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
      if (origin === 'model') return { border: '1px dashed', borderColor, borderRadius: '2px', rangeBehavior };
      const backgroundColor = new vscode.ThemeColor(`crosstag.label${colour}Background`);
      const border = origin === 'human' ? 'solid' : 'dotted';
      return { border, borderWidth: '0 0 2px 0', borderColor, backgroundColor, rangeBehavior };
    });
  }

  /** Type of the names beside the text; the name itself stands in the options that `nameBehind` makes. */
  get names(): vscode.TextEditorDecorationType {
    return this.type('names', () => ({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed }));
  }

  private type(key: string, options: () => vscode.DecorationRenderOptions): vscode.TextEditorDecorationType {
    let type = this.types.get(key);
    if (type === undefined) {
      type = this._register(vscode.window.createTextEditorDecorationType(options()));
      this.types.set(key, type);
    }
    return type;
  }
}

/** `PER` of the file, `PER 93%?` of the model: without a place where a line could be broken. */
export function nameOf({ label, origin, probability }: ShownLabel): string {
  if (origin !== 'model') return label;
  return probability === undefined ? `${label}?` : `${label}\u00a0${percent(probability)}?`;
}

/** Whole percent, never rounded to certainty: `93%`, `99%` for 0.999, `<1%` for 0.004. */
export function percent(probability: number): string {
  return probability < 0.01 ? '<1%' : `${Math.floor(probability * 100)}%`;
}

/** The name of a label behind its line, isolated (U+2066 ... U+2069) so that it keeps its order beside right-to-left text. */
export function nameBehind(shown: ShownLabel, end: vscode.Position): vscode.DecorationOptions {
  return {
    range: new vscode.Range(end, end),
    renderOptions: {
      after: {
        contentText: `\u2066${nameOf(shown)}\u2069`,
        color: new vscode.ThemeColor(`crosstag.label${colourOf(shown.label)}`),
        fontStyle: 'italic',
        margin: '0 0 0 2em',
        textDecoration: SMALL,
      },
    },
  };
}
