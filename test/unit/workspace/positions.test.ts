import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument as PlainText } from 'vscode-languageserver-textdocument';
import { parseDocument } from '../../../server/text/index.ts';
import { offsetAt, positionAt } from '../../../server/workspace/positions.ts';

describe('positions', () => {
  it('are those of the protocol library, whatever the line ends and the format', () => {
    const piece = fc.constantFrom('a', '😀', 'é', 'مصر', '上海。', ' ', '. ', '\n', '\r\n', '\r', '\n\n', 'B-LOC');
    const text = fc.array(piece, { maxLength: 80 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom('conll' as const, 'txt' as const, 'conllu' as const), (source, format) => {
        const document = parseDocument(source, { format });
        const plain = PlainText.create('file:///a', 'a', 1, source);
        for (let offset = 0; offset <= source.length; offset++) {
          // The library takes an offset between \r and \n for the one before them; no edit of ours stands there.
          if (source[offset] === '\n' && source[offset - 1] === '\r') continue;
          const position = plain.positionAt(offset);
          expect(positionAt(document, offset)).toEqual(position);
          expect(offsetAt(document, position)).toBe(offset);
        }
        const beyond = { line: plain.lineCount + 3, character: 7 };
        expect(offsetAt(document, beyond)).toBe(source.length);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});
