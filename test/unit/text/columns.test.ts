import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, FORMATS, type Format, isAnnotated, type TextDocument } from '../../../server/text/index.ts';
import { anyText, codes, hasShared, labels, open, shared, words } from './helpers.ts';

/** The text after the labels of tokens from `start` of a sentence are set. */
function labelled(document: TextDocument, sentence: number, start: number, names: (string | undefined)[]): string {
  return applyEdits(document.text, document.setLabels(sentence, start, names));
}

/** The text after all fixes of its findings. */
function repaired(document: TextDocument): string {
  return applyEdits(
    document.text,
    document.findings().flatMap(({ fix }) => fix?.edits ?? []),
  );
}

const tokens = (document: TextDocument) => document.sentences.filter((sentence) => sentence.tokens.length > 0);

describe.skipIf(!hasShared)('the reader of the original', () => {
  it('reads the same words and tags, and keeps the last sentence', () => {
    const golden: {
      text: string;
      sentences: { words: string[]; tags: string[] }[];
      lost_by_the_original: { words: string[]; tags: string[] };
    } = JSON.parse(readFileSync(shared('golden/conll-reader.json'), 'utf8'));
    const document = open(golden.text, 'conll2003');
    const expected = [...golden.sentences, golden.lost_by_the_original];
    expect(tokens(document).map(words)).toEqual(expected.map((sentence) => sentence.words));
    // A line of one column is its own tag there; here it has no label.
    const ours = expected.map(({ tags }) => tags.map((tag) => (tag === 'solo' ? undefined : tag)));
    expect(tokens(document).map(labels)).toEqual(ours);
    expect(document.text).toBe(golden.text);
  });
});

describe('CoNLL columns', () => {
  it('reads word and tag, comments none, documents apart', () => {
    const document = open(
      '\ufeff-DOCSTART- -X- O O\r\n\r\n# NN O O\r\nሰላም NNP B-NP B-LOC \r\n\r\n \r\n北京 X Y _',
      'conll2003',
    );
    expect(document.sentences.map(words)).toEqual([[], ['#', 'ሰላም'], ['北京']]);
    expect(document.sentences.map(labels)).toEqual([[], ['O', 'B-LOC'], [undefined]]);
    expect(document.sentences.map((_, index) => document.lineOf(index))).toEqual([0, 2, 6]);
    expect(document.findings()).toEqual([]);
  });

  it.each<[Format, string, string]>([
    ['conll2003', 'EU NNP B-NP B-ORG\r\n', 'EU NNP B-NP _\r\n'],
    ['conll2002', 'Sao  NC\tB-LOC  ', 'Sao  NC\t_  '],
    ['conll', 'a b c O\n', 'a b c _\n'],
    ['uner', '1\tAbebe\tB-PER\t-\tmary\n', '1\tAbebe\t_\t-\tmary\n'],
    ['conllu', '1\tfoo\tfoo\tNOUN\t_\t_\t0\troot\t_\t_\n', '1\tfoo\tfoo\t_\t_\t_\t0\troot\t_\t_\n'],
  ])('%s: a label that is taken away changes its cell alone', (format, before, after) => {
    expect(labelled(open(before, format), 0, 0, [undefined])).toBe(after);
  });

  it('writes the whole column with the first label of a file without labels', () => {
    const text = '\ufeff-DOCSTART-\n\nAbebe  \nran\n\n👩🏽‍🚀\r\nflew';
    const after = '\ufeff-DOCSTART-\n\nAbebe B-PER  \nran _\n\n👩🏽‍🚀 _\r\nflew _';
    expect(labelled(open(text, 'conll'), 1, 0, ['B-PER'])).toBe(after);
    expect(open(after, 'conll').findings()).toEqual([]);
    expect(labelled(open('Abebe\nran\n', 'conll2003'), 0, 1, ['O'])).toBe('Abebe _ _ _\nran _ _ O\n');
  });

  it('does not write what stands there already', () => {
    expect(open('a O\nb _\n', 'conll').setLabels(0, 0, ['O', undefined])).toEqual([]);
  });

  it('refuses labels that would break the line', () => {
    expect(() => open('a O\n', 'conll').setLabels(0, 0, ['B-X Y'])).toThrow(RangeError);
    expect(() => open('a O\n', 'conll').setLabels(0, 1, ['O'])).toThrow(RangeError);
  });

  it.each<[string, Format, string, string[], string]>([
    ['a missing label', 'conll', 'a O\nb\n', ['format.columns'], 'a O\nb _\n'],
    ['a missing label after a tab', 'conll', 'a\tO\nb\t \n', ['format.columns'], 'a\tO\nb\t_\n'],
    ['a missing label in four columns', 'conll2003', 'a X Y O\nb\n', ['format.columns'], 'a X Y O\nb _ _ _\n'],
    ['too many columns', 'conll2002', 'a X O\nb X Y O\n', ['format.columns'], 'a X O\nb X Y O\n'],
    ['blanks in a file of tabs', 'conll', 'a\tO\nb  B-X\n', ['format.separator'], 'a\tO\nb\tB-X\n'],
    ['blanks in UNER', 'uner', '1 Abebe B-PER - mary\n', ['format.separator'], '1\tAbebe\tB-PER\t-\tmary\n'],
    ['an empty label', 'uner', '1\tAbebe\t\t-\t-\n', ['format.empty-label'], '1\tAbebe\t_\t-\t-\n'],
    ['an empty word', 'conll', 'a\tO\n\tB-X\n', ['format.empty-form'], 'a\tO\n\tB-X\n'],
    ['no id', 'conllu', 'x\ty\n', ['format.ids'], 'x\ty\n'],
    ['ids that jump', 'uner', '1\ta\tO\t-\t-\n3\tb\tO\t-\t-\n', ['format.ids'], '1\ta\tO\t-\t-\n3\tb\tO\t-\t-\n'],
    [
      'a range that does not fit',
      'uner',
      '2-3\tab\t_\t-\t-\n1\ta\tO\t-\t-\n',
      ['format.ids'],
      '2-3\tab\t_\t-\t-\n1\ta\tO\t-\t-\n',
    ],
    ['a control character', 'conll', 'a\u0007b O\n', ['format.control-character'], 'ab O\n'],
    ['a byte order mark inside', 'conll', 'a O\n\n\ufeffb O\n', ['format.control-character'], 'a O\n\nb O\n'],
    ['a replacement character', 'conll', 'caf\ufffd O\n', ['format.encoding'], 'caf\ufffd O\n'],
    ['half a pair', 'conll', '\ud83d O\n', ['format.encoding'], '\ud83d O\n'],
  ])('says what is wrong: %s', (_, format, text, expected, after) => {
    const document = open(text, format);
    expect(codes(document.findings())).toEqual(expected);
    for (const { message } of document.findings()) expect(message).toMatch(/^[^;]+.*; .+/);
    expect(repaired(document)).toBe(after);
  });

  it('takes a line of 10 MB for no token, and goes on', () => {
    const document = open(`a O\n\n${'x'.repeat(10_000_000)}\n${'b '.repeat(100_000)}\n\nc O\n`, 'conll');
    expect(document.sentences.map(words)).toEqual([['a'], [], ['c']]);
    expect(codes(document.findings())).toEqual(['format.long-line', 'format.long-line']);
  });

  it('keeps multiword tokens, empty nodes and comments of CoNLL-U, which are no tokens', () => {
    const rest = '\t_\t_\t_\t_\t_\t_';
    const text = `# text = zum Haus\n1-2\tzum\t_\t_${rest}\n1\tzu\tzu\tADP${rest}\n2\tdem\tder\tDET${rest}\n2.1\tx\t_\t_${rest}\n3\tHaus\tHaus\tNOUN${rest}\n\n`;
    const document = open(text, 'conllu');
    expect(document.task).toBe('pos');
    expect(document.sentences[0]!.comments).toEqual(['# text = zum Haus']);
    expect(words(document.sentences[0]!)).toEqual(['zu', 'dem', 'Haus']);
    expect(labels(document.sentences[0]!)).toEqual(['ADP', 'DET', 'NOUN']);
    expect(document.findings()).toEqual([]);
  });

  it('takes two-column files with capitals for parts of speech', () => {
    expect(open('Le PRON\ndijo VERB\n', 'conll').task).toBe('pos');
    expect(open('Le O\ndijo VERB\n', 'conll').task).toBe('ner');
    expect(open('Le O\n', 'conll', { task: 'pos' }).task).toBe('pos');
  });
});

describe.each(FORMATS)('%s: labels', (format) => {
  it('change their cells and nothing else', () => {
    const names = fc.constantFrom('B-PER', 'I-PER', 'O', 'B-LOC', undefined);
    fc.assert(
      fc.property(
        anyText(),
        fc.nat(),
        fc.nat(),
        fc.array(names, { minLength: 1, maxLength: 4 }),
        (text, which, from, wanted) => {
          const document = open(text, format, { task: 'ner' });
          const places = document.sentences.flatMap(({ tokens: all }, index) => (all.length > 0 ? [index] : []));
          if (places.length === 0) return;
          const sentence = places[which % places.length]!;
          const all = document.sentences[sentence]!.tokens;
          const start = from % all.length;
          const set = wanted.slice(0, all.length - start);
          const base = document.offsetOf(sentence);
          const edits = document.setLabels(sentence, start, set);
          if (isAnnotated(document)) document.editAnnotations(edits);
          else document.edit(edits);
          const after = document.sentences[sentence]!;
          expect(words(after)).toEqual(all.map((token) => token.form));
          if (isAnnotated(document)) expect(document.text).toBe(text);
          if (isAnnotated(document) || format === 'jsonl') return;
          expect(labels(after)).toEqual(
            all.map(({ label }, at) => (at >= start && at < start + set.length ? set[at - start] : label)),
          );
          // An edit is one of the cells, or adds a cell where a line has none.
          const cells = all.slice(start, start + set.length).filter((token) => token.labelStart >= 0);
          for (const edit of edits) {
            const cell = cells.some(
              (token) => base + token.labelStart === edit.start && base + token.labelEnd === edit.end,
            );
            expect(cell || (edit.start === edit.end && /^[ \t]/.test(edit.text))).toBe(true);
          }
        },
      ),
      { numRuns: 1000, seed: 5 },
    );
  });
});
