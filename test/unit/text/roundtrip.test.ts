import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, detectFormat, FORMATS } from '../../../server/text/index.ts';
import { anyEdits, anyText, content, hasShared, open, shared } from './helpers.ts';

describe.each(FORMATS)('%s', (format) => {
  it('keeps every character of any text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const document = open(text, format);
        expect(document.text).toBe(text);
        expect(document.sentences.reduce((sum, sentence) => sum + sentence.length, 0)).toBe(text.length);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('cuts tokens and labels out of the text where it says they are', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const document = open(text, format);
        for (const [index, sentence] of document.sentences.entries()) {
          const source = text.slice(document.offsetOf(index), document.offsetOf(index) + sentence.length);
          for (const token of sentence.tokens) {
            expect(token.form).not.toBe('');
            expect(token.form).not.toMatch(/^[ \t\r\n]|[ \t\r\n]$/);
            expect(index > 0 || !text.startsWith('\ufeff') || token.start > 0).toBe(true);
            if (format !== 'jsonl') expect(source.slice(token.start, token.end)).toBe(token.form);
            if (format !== 'jsonl' && token.labelStart >= 0 && token.label !== undefined) {
              expect(source.slice(token.labelStart, token.labelEnd)).toBe(token.label);
            }
          }
        }
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('reads after edits what it would read from scratch', () => {
    const cases = anyText().chain((text) => fc.tuple(fc.constant(text), anyEdits(text.length)));
    fc.assert(
      fc.property(cases, anyText(), ([text, edits], more) => {
        const document = open(text, format, { task: 'ner' });
        const sentences = [...document.sentences];
        const { first, removed, inserted } = document.edit(edits);
        const edited = applyEdits(text, edits);
        expect(document.text).toBe(edited);
        expect(content(document)).toEqual(content(open(edited, format, { task: 'ner' })));
        const kept = document.sentences.filter((_, index) => index < first || index >= first + inserted);
        expect(kept).toEqual(sentences.filter((_, index) => index < first || index >= first + removed));
        document.edit([{ start: edited.length, end: edited.length, text: more }]);
        expect(content(document)).toEqual(content(open(edited + more, format, { task: 'ner' })));
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('finds the sentence and the line of every offset', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const document = open(text, format);
        for (let index = 0; index < document.sentences.length; index++) {
          const start = document.offsetOf(index);
          expect(document.sentenceAt(start)).toBe(index);
          expect(document.sentenceAt(start + document.sentences[index]!.length - 1)).toBe(index);
          expect(document.lineOf(index)).toBe(text.slice(0, start).split(/\r\n|\r|\n/).length - 1);
        }
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe.skipIf(!hasShared)('real files', () => {
  const folders = {
    'ner/conll2003': 'conll2003',
    'ner/conll2002': 'conll2002',
    'ner/masakhaner2': 'conll',
    'ner/uner': 'uner',
    'pos/ud': 'conllu',
  };
  for (const [folder, format] of Object.entries(folders)) {
    it(`${folder} comes back byte for byte, and its format is recognised`, () => {
      for (const name of readdirSync(shared(`data/${folder}`)).filter((file) => file.endsWith('.gz'))) {
        const text = gunzipSync(readFileSync(shared(`data/${folder}/${name}`))).toString('utf8');
        expect(detectFormat(name, text), name).toBe(format);
        const document = open(text, detectFormat(name, text));
        expect(document.text === text, name).toBe(true);
        expect(document.task).toBe(folder === 'pos/ud' ? 'pos' : 'ner');
        // Replacement characters stand in three of these files, as their makers published them.
        expect(
          document.findings().filter((finding) => finding.code !== 'format.encoding'),
          name,
        ).toEqual([]);
      }
    });
  }
});
