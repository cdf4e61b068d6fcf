// A text with its entities in colour, for the terminal. Brackets and labels say the same to whoever sees no colour.
import picocolors from 'picocolors';

export interface ColouredSpan {
  /** UTF-16 offsets in the text. */
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

const colours = picocolors.createColors(true);
const PALETTE = [
  colours.bgCyan,
  colours.bgYellow,
  colours.bgGreen,
  colours.bgMagenta,
  colours.bgBlue,
  colours.bgRed,
  colours.bgWhite,
] as const;

/**
 * `[Nelson Mandela PER]` in the colour of its label.
 * @param spans do not overlap
 * @param labels all labels of the model: a label keeps its colour from text to text
 */
export function colourText(text: string, spans: readonly ColouredSpan[], labels: readonly string[]): string {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const out: string[] = [];
  let at = 0;
  for (const { start, end, label } of sorted) {
    const paint = PALETTE[Math.max(0, labels.indexOf(label)) % PALETTE.length] ?? colours.inverse;
    out.push(text.slice(at, start), paint(colours.black(`[${text.slice(start, end)} ${colours.bold(label)}]`)));
    at = end;
  }
  out.push(text.slice(at));
  return out.join('');
}
