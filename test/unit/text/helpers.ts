import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { type ParseOptions, parseDocument } from '../../../server/text/index.ts';
import type { Finding, Format, Sentence, TextDocument, TextEdit } from '../../../server/text/types.ts';

/** A folder of the shared material beside the repository; tests that need it are skipped where it is absent. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url));
}

export const hasShared = existsSync(shared('data/README.md'));

const PIECES = [
  ...['\n', '\n', '\n\n', '\r\n', '\r\n\r\n', '\r', ' ', '\t', '  ', '\u00a0', '\u3000', '\ufeff', '\u0000', '\u2028'],
  ...[
    '1',
    '2',
    '3',
    '1-2',
    '1.1',
    '0.1',
    '#',
    '# text = x',
    '-DOCSTART-',
    '-DOCSTART- -X- O O',
    '-',
    '_',
    'O',
    'B-PER',
  ],
  ...[
    'I-PER',
    'NOUN',
    'Abebe',
    'ሰላም',
    'ነው።',
    'عَرَبِيّ',
    'हिन्दी',
    '北京',
    '。',
    '👩🏽‍🚀',
    'e\u0301',
    '. ',
    '{',
    '}',
    '"',
    '[',
    ']',
    ':',
    ',',
  ],
  ...[
    '1\tfoo\tO\t-\t-\n',
    '1\tfoo\tfoo\tNOUN\t_\t_\t0\troot\t_\t_\n',
    'EU NNP B-NP B-ORG\n',
    'EU NC B-ORG\n',
    'EU\tB-ORG\n',
    'EU\n',
  ],
  ...[
    '{"tokens":["a","\\u00e9"],"tags":["O","_"]}\n',
    '{"text":"Abebe 👩🏽‍🚀 ነው።","entities":[[0,5,"PER"]]}\n',
    'T1\tPER 0 5\tAbebe\n',
  ],
];

// Made once: fast-check takes long to prepare arbitrary characters.
const PIECE = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const TEXT = fc.array(PIECE, { maxLength: 40 }).map((pieces) => pieces.join(''));

/** Text that runs into the corners of every format: fragments of all of them, and arbitrary strings. */
export function anyText(): fc.Arbitrary<string> {
  return TEXT;
}

/** Edits of a text of this length that do not overlap. */
export function anyEdits(length: number): fc.Arbitrary<TextEdit[]> {
  const offset = fc.integer({ min: 0, max: length });
  const piece = fc.oneof(fc.constantFrom('', ...PIECES), anyText());
  return fc.array(fc.tuple(offset, offset, piece), { maxLength: 3 }).map((triples) => {
    const bounds = triples
      .map(([from]) => from)
      .concat(triples.map(([, to]) => to))
      .sort((a, b) => a - b);
    return triples.map(([, , text], i) => ({ start: bounds[2 * i]!, end: bounds[2 * i + 1]!, text }));
  });
}

export function open(text: string, format: Format, options: Omit<ParseOptions, 'format'> = {}): TextDocument {
  return parseDocument(text, { ...options, format });
}

export function words(sentence: Sentence): string[] {
  return sentence.tokens.map((token) => token.form);
}

export function labels(sentence: Sentence): (string | undefined)[] {
  return sentence.tokens.map((token) => token.label);
}

/** Everything that a document says about its sentences, for comparison. */
export function content(document: TextDocument): unknown {
  return {
    sentences: document.sentences.map((sentence, index) => ({
      text: document.text.slice(document.offsetOf(index), document.offsetOf(index) + sentence.length),
      line: document.lineOf(index),
      tokens: sentence.tokens,
      lines: sentence.lines,
      comments: sentence.comments,
      findings: sentence.findings,
    })),
    findings: document.findings(),
  };
}

export function codes(findings: readonly Finding[]): string[] {
  return findings.map((finding) => finding.code);
}
