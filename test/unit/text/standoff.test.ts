import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnnotatedDocument,
  annotate,
  applyEdits,
  isAnnotated,
  type ParseOptions,
} from '../../../server/text/index.ts';
import { anyEdits, anyText, codes, content, labels, open, words } from './helpers.ts';

/** Half a surrogate pair. */
const HALF = /\p{Cs}/u;

function annotated(
  text: string,
  annotations: string,
  options: Omit<ParseOptions, 'format' | 'annotations'> = {},
): AnnotatedDocument {
  const document = open(text, 'txt', { ...options, annotations });
  if (!isAnnotated(document)) throw new Error('raw text has annotations');
  return document;
}

function set(document: AnnotatedDocument, sentence: number, start: number, tags: (string | undefined)[]): string {
  document.editAnnotations(document.setLabels(sentence, start, tags));
  return document.annotations;
}

describe('raw text', () => {
  it('is cut into sentences and words by the rules of its language', () => {
    const all = (text: string, language: string) => open(text, 'txt', { language }).sentences.map(words);
    expect(all('አበበ ወደ አዲስ አበባ ሄደ። ሰላም ነው?', 'am')).toEqual([
      ['አበበ', 'ወደ', 'አዲስ', 'አበባ', 'ሄደ', '።'],
      ['ሰላም', 'ነው', '?'],
    ]);
    expect(all('ذهب أحمد إلى القاهرة؟ نعم.', 'ar')).toEqual([
      ['ذهب', 'أحمد', 'إلى', 'القاهرة', '؟'],
      ['نعم', '.'],
    ]);
    expect(all('राम दिल्ली गया। वह खुश है।', 'hi')).toEqual([
      ['राम', 'दिल्ली', 'गया', '।'],
      ['वह', 'खुश', 'है', '।'],
    ]);
    expect(all('北京很大。', 'zh')).toEqual([['北京', '很大', '。']]);
    expect(all('Juma alienda Nairobi... Cafe\u0301 👩🏽‍🚀!', 'sw')).toEqual([
      ['Juma', 'alienda', 'Nairobi', '...'],
      ['Cafe\u0301', '👩🏽‍🚀', '!'],
    ]);
  });

  it('ends a sentence at the end of a line, with the blank lines after it', () => {
    const document = open('\ufeff\n\nOne\r\n\r\ntwo. Three\n', 'txt', { language: 'en' });
    expect(document.sentences.map(({ source }) => source)).toEqual(['\ufeff\n\n', 'One\r\n\r\n', 'two. ', 'Three\n']);
    expect(document.sentences.map((_, index) => document.lineOf(index))).toEqual([0, 2, 4, 4]);
    expect(document.sentences.map(words)).toEqual([[], ['One'], ['two', '.'], ['Three']]);
  });

  it('cuts a line without an end of a sentence between words', () => {
    const document = open('word 👍 '.repeat(20_000), 'txt', { language: 'en' });
    expect(document.sentences.length).toBeGreaterThan(30);
    expect(new Set(document.sentences.flatMap(words))).toEqual(new Set(['word', '👍']));
    expect(open('𠀀'.repeat(5000), 'txt').findings()).toEqual([]);
  });

  it('says which language tag is none', () => {
    expect(() => open('a', 'txt', { language: 'no_such tag' })).toThrow('no_such tag: no such language tag; give one');
  });
});

describe('brat annotations', () => {
  // The astronaut is four code points and seven UTF-16 units.
  const text = '👩🏽‍🚀 Abebe Bikila ran. ሰላም በኢትዮጵያ\n';
  const file =
    '\ufeffT1\tPER 5 17\tAbebe Bikila\r\nR1\tWorksAt Arg1:T1 Arg2:T7\r\nT7\tLOC 27 33\tበኢትዮጵያ\r\n#1\tAnnotatorNotes T1\tsure?\r\n';

  it('count code points', () => {
    const document = annotated(text, file, { language: 'am' });
    expect(document.sentences.map(labels)).toEqual([
      ['O', 'B-PER', 'I-PER', 'O', 'O'],
      ['O', 'B-LOC'],
    ]);
    expect(document.annotationFindings()).toEqual([]);
    expect(document.findings()).toEqual([]);
    expect(document.annotations).toBe(file);
  });

  it('leave tokens undecided where there are none, or where it is asked for', () => {
    expect(annotated('a b', '').sentences.map(labels)).toEqual([[undefined, undefined]]);
    expect(annotated('a b', 'T1\tX 0 1\ta\n', { outside: null }).sentences.map(labels)).toEqual([['B-X', undefined]]);
  });

  it('keep all other lines when a label is set', () => {
    const document = annotated(text, file, { language: 'am' });
    expect(set(document, 0, 3, ['B-EVENT'])).toBe(`${file}T8\tEVENT 18 21\tran\r\n`);
    expect(set(document, 0, 1, ['B-ORG', 'I-ORG'])).toBe(`${file.replace('PER', 'ORG')}T8\tEVENT 18 21\tran\r\n`);
    expect(set(document, 1, 1, ['O'])).toBe(
      `${file.replace('PER', 'ORG').replace(/T7\tL.*\r\n/, '')}T8\tEVENT 18 21\tran\r\n`,
    );
    expect(set(document, 0, 2, ['O'])).toContain('T1\tORG 5 10\tAbebe\r\n');
    expect(document.sentences.map(labels)[0]).toEqual(['O', 'B-ORG', 'O', 'B-EVENT', 'O']);
  });

  it('move with their text', () => {
    const document = annotated(text, file, { language: 'am' });
    document.edit([{ start: 0, end: 7, text: '👍' }]);
    expect(document.annotations).toBe(file.replace('5 17', '2 14').replace('27 33', '24 30'));
    document.edit([{ start: 3, end: 8, text: 'Kebede' }]);
    expect(document.annotations).toContain('T1\tPER 2 15\tKebede Bikila\r\n');
    document.edit([{ start: 0, end: 17, text: '' }]);
    expect(document.annotations).not.toContain('PER');
    expect(document.annotationFindings()).toEqual([]);
  });

  it.each([
    ['T1\tX 0 1;3 4\ta c\n', ['format.annotation'], []],
    ['T1\tX 0 99\ta\n', ['format.annotation'], []],
    ['T1\tX 0 3\twrong\n', ['format.annotation'], []],
    ['T1 X 0 3\n', ['format.annotation'], []],
    ['rubbish\n', ['format.annotation'], []],
    ['T1\tX 0 3\tabc\nT1\tX 4 7\tdef\n', ['format.annotation'], []],
    ['T1\tX 1 3\tbc\n', [], ['format.span-inside-token']],
    ['T1\tX 0 7\tabc def\nT2\tY 4 7\tdef\n', [], ['format.span-overlap']],
    ['T1\tX 3 4\t \n', [], ['format.span-without-token']],
    ['T1\tX 4 12\tdef. ghi\n', [], ['format.span-across-sentences']],
  ])('say what is wrong: %j', (annotations, ofFile, ofText) => {
    const document = annotated('abc def. Ghi.\n', annotations.replace('ghi', 'Ghi'), { language: 'en' });
    expect(codes(document.annotationFindings())).toEqual(ofFile);
    expect(codes(document.findings())).toEqual(ofText);
    expect(document.annotations).toBe(annotations.replace('ghi', 'Ghi'));
  });

  it('are the same after edits as when they are read anew', () => {
    // Of three annotations the first two become one in two pieces.
    const joined = (file: string) =>
      file.replace(/^(T1\t\S+ \d+ \d+)\t(.*)\nT2\t\S+ (\d+ \d+)\t(.*)\n(?=T3)/, '$1;$3\t$2 $4\n');
    const errors = (document: AnnotatedDocument) =>
      document.annotationFindings().filter(({ severity }) => severity !== 'information');
    const cases = fc.tuple(
      anyText(),
      fc.array(fc.tuple(fc.nat(200), fc.nat(20), fc.constantFrom('PER', 'LOC')), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(
        cases.chain(([any, spans]) => fc.tuple(fc.constant(any), fc.constant(spans), anyEdits(any.length))),
        ([any, spans, edits]) => {
          const whole = spans
            .map(([start, length, label]) => ({ start, end: start + length + 1, label }))
            .filter(
              ({ start, end }) =>
                end <= any.length && !HALF.test(any.slice(0, start)) && !HALF.test(any.slice(start, end)),
            );
          const document = annotated(any, joined(annotate(any, whole)), { outside: 'O' });
          expect(errors(document)).toEqual([]);
          document.edit(edits);
          const edited = applyEdits(any, edits);
          if (HALF.test(edited)) return;
          expect(content(document)).toEqual(content(annotated(edited, document.annotations, { outside: 'O' })));
          expect(errors(document)).toEqual([]);
        },
      ),
      { numRuns: 500, seed: 6 },
    );
  });

  it('give the labels that were set', () => {
    const tags = fc.constantFrom('B-PER', 'I-PER', 'O', 'B-LOC');
    fc.assert(
      fc.property(
        fc.array(fc.array(tags, { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        (rounds) => {
          const document = annotated('👍 Abebe ወደ 北京 e\u0301a हिन्दी\n', '');
          for (const wanted of rounds) {
            set(document, 0, 0, wanted);
            // An I- that continues nothing starts a span.
            const starts = wanted.map((tag, at) =>
              tag[0] === 'I' && !/-PER$/.test(wanted[at - 1] ?? '') ? 'B-PER' : tag,
            );
            expect(labels(document.sentences[0]!).map((label) => label ?? 'O')).toEqual(starts);
          }
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('an entity that is changed', () => {
  const TEXT = 'The University of Oslo 😀 is old.\n';
  const FILE =
    'T1\tORG 4 14\tUniversity\r\nR1\tPart Arg1:T1 Arg2:T1\r\nT2\tLOC 18 22\tOslo\r\n#1\tAnnotatorNotes T2\tsure';
  const T1 = 'T1\tORG 4 14\tUniversity';

  it.each([
    ['longer', 0, ['B-ORG', 'I-ORG'], 'T1\tORG 0 14\tThe University'],
    ['longer, over another one', 1, ['B-ORG', 'I-ORG', 'I-ORG', 'I-ORG'], 'T1\tORG 4 24\tUniversity of Oslo 😀'],
    ['longer and of another label', 0, ['B-PER', 'I-PER'], 'T1\tPER 0 14\tThe University'],
    ['of another label', 1, ['B-PER'], 'T1\tPER 4 14\tUniversity'],
  ])('keeps its line and its id: %s', (_, start, tags, line) => {
    const document = annotated(TEXT, FILE, { outside: null });
    const now = set(document, 0, start, tags);
    expect(now).toBe(FILE.replace(T1, line).replace(/T2.*Oslo\r\n/, tags.length > 2 ? '' : '$&'));
    expect(labels(document.sentences[0]!).slice(start, start + tags.length)).toEqual(tags);
  });

  it('is, of two parts, the one with its label', () => {
    const document = annotated(TEXT, T1.replace('14\tUniversity', '22\tUniversity of Oslo'), { outside: null });
    expect(set(document, 0, 1, ['B-PER', 'O', 'B-ORG'])).toBe('T1\tORG 18 22\tOslo\nT2\tPER 4 14\tUniversity\n');
  });

  it('keeps the words that it was given when an edit of the text is undone', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    document.edit([{ start: 13, end: 14, text: '' }]);
    set(document, 0, 0, ['B-ORG', 'I-ORG']);
    document.edit([{ start: 13, end: 13, text: 'y' }]);
    expect(document.text).toBe(TEXT);
    expect(labels(document.sentences[0]!).slice(0, 3)).toEqual(['B-ORG', 'I-ORG', undefined]);
  });
});

describe('an entity over the end of a sentence', () => {
  const TEXT = 'We saw\nMount Cook\nand Elbert.\n';
  const FILE = 'T1\tLOC 3 28\tsaw Mount Cook and Elbert\nR1\tNear Arg1:T1 Arg2:T1\n';

  it('keeps its parts in the other sentences', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    const [first, , third] = document.sentences.map(labels);
    expect(set(document, 1, 0, [undefined, undefined])).toBe(
      `${FILE.replace(/3 28.*/, '3 6\tsaw')}T2\tLOC 18 28\tand Elbert\n`,
    );
    expect(document.sentences.map(labels)).toEqual([first, [undefined, undefined], third]);
  });

  it('is relabelled in two sentences at once', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    const { annotations } = document;
    const edits = document.setLabelsOf([
      { sentence: 0, start: 1, labels: ['B-PER'] },
      { sentence: 2, start: 1, labels: ['B-ORG'] },
    ]);
    document.editAnnotations(edits);
    expect(document.sentences.map(labels)).toEqual([
      [undefined, 'B-PER'],
      ['B-LOC', 'I-LOC'],
      ['B-LOC', 'B-ORG', undefined],
    ]);
    expect(document.annotations).toBe(
      annotations.replace(/3 28.*/, '18 21\tand') +
        'T2\tPER 3 6\tsaw\nT3\tORG 22 28\tElbert\nT4\tLOC 7 17\tMount Cook\n',
    );
  });
});

describe('an annotation in several pieces', () => {
  const TEXT = '😀 Ana and Bob\nSmith live.\n';
  const FILE = 'T1\tPER 2 5;14 19\tAna Smith\nT2\tPER 10 19\tBob Smith\n#1\tAnnotatorNotes T1\tsure\n';
  const insert = (start: number, text: string) => ({ start, end: start, text });
  const cut = (start: number, end: number) => ({ start, end, text: '' });
  const shown = (document: AnnotatedDocument) => document.sentences.flatMap(labels);
  const SHOWN = [undefined, undefined, undefined, 'B-PER', 'B-PER', undefined, undefined];

  it.each([
    ['before it', insert(0, '👍 x '), 'T1\tPER 6 9;18 23\tAna Smith'],
    ['in a piece', { start: 4, end: 5, text: 'ri' }, 'T1\tPER 2 6;15 20\tAria Smith'],
    ['between the pieces', insert(7, 'x 👍 '), 'T1\tPER 2 5;18 23\tAna Smith'],
    ['over the ends of both', cut(5, 16), 'T1\tPER 2 4;4 8\tAn mith'],
    ['after it', insert(20, ' here'), 'T1\tPER 2 5;14 19\tAna Smith'],
  ])('moves with its text, and back when the edit is undone: %s', (_, edit, line) => {
    const document = annotated(TEXT, FILE, { outside: null });
    expect(shown(document)).toEqual(SHOWN);
    document.edit([edit]);
    expect(document.annotations.split('\n')[0]).toBe(line);
    document.edit([{ start: edit.start, end: edit.start + edit.text.length, text: TEXT.slice(edit.start, edit.end) }]);
    expect(document.text).toBe(TEXT);
    expect(document.annotations).toBe(FILE);
    expect(shown(document)).toEqual(SHOWN);
  });

  it.each([true, false])(
    'is shown when one piece is left of it, until that is undone; file written: %s',
    (isWritten) => {
      const file = FILE.replace(/T2.*\n/, '');
      const document = annotated(TEXT, file, { outside: null });
      document.edit([cut(0, 7)]);
      expect(shown(document)).toEqual([undefined, undefined, 'B-PER', undefined, undefined]);
      if (isWritten) expect(document.annotations).toBe(file.replace('2 5;14 19\tAna ', '8 13\t'));
      document.edit([insert(0, TEXT.slice(0, 7))]);
      expect(shown(document).every((label) => label === undefined)).toBe(true);
      expect(document.annotations).toBe(file);
    },
  );

  it('stays when the words under it get other labels', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    expect(set(document, 0, 1, ['B-ORG', 'I-ORG', 'I-ORG'])).toContain(FILE.slice(0, FILE.indexOf('\n') + 1));
  });

  it('stays as it is where its offsets are not in the text', () => {
    const document = annotated(TEXT, FILE.replace('14 19', '14 99'), { outside: null });
    document.edit([insert(0, 'x')]);
    expect(document.annotations).toContain('T1\tPER 2 5;14 99\tAna Smith\n');
  });
});

describe('an entity inside another', () => {
  const TEXT = 'The University of Oslo is old.\n';
  const FILE = 'T1\tORG 4 22\tUniversity of Oslo\nT2\tLOC 18 22\tOslo\nR1\tPart Arg1:T2 Arg2:T1\n';

  it('stays where labels are set around it', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    expect(set(document, 0, 0, ['O', 'B-ORG', 'I-ORG', 'I-ORG', 'O', 'O', 'O'])).toBe(FILE);
    expect(set(document, 0, 0, ['B-PER', 'B-ORG', 'I-ORG', 'I-ORG', 'B-PER'])).toBe(
      `${FILE}T3\tPER 0 3\tThe\nT4\tPER 23 25\tis\n`,
    );
  });

  it('stays where the other one stays over it', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    expect(set(document, 0, 1, ['B-PER', 'I-PER', 'I-PER'])).toBe(FILE.replace('ORG', 'PER'));
    expect(set(document, 0, 1, ['I-PER', 'I-PER', 'I-PER', 'I-PER'])).toContain('T2\tLOC 18 22\tOslo\n');
  });

  it('goes with the other one rather than come to light', () => {
    const document = annotated(TEXT, FILE.replace('R1', 'T5\tX 18 22\tOslo\nR1'), { outside: null });
    expect(set(document, 0, 1, [undefined, undefined, undefined])).toBe('R1\tPart Arg1:T2 Arg2:T1\n');
    expect(labels(document.sentences[0]!).every((label) => label === undefined)).toBe(true);
  });

  it('gives its id to no other while a line refers to it', () => {
    const refer = ['R1\tPart Arg1:T2 Arg2:T1', 'E1\tBe:T1 Theme:T2', '*\tEquiv T1 T2', '#1\tAnnotatorNotes T2\tsee T9'];
    for (const line of [...refer, 'A1\tNegation T2', 'N1\tReference T2 Wikidata:Q585\tOslo']) {
      const document = annotated(TEXT, `${line}\n`);
      expect(set(document, 0, 0, ['B-PER'])).toBe(`${line}\nT3\tPER 0 3\tThe\n`);
    }
  });

  it.each(['', 'The Mt. Cook. '])('gives the labels that were set, whatever else the file holds: %j', (before) => {
    const any = `${before}👍 Abebe ወደ 北京 e\u0301a हिन्दी\n`;
    const tags = fc.constantFrom('B-PER', 'I-PER', 'O', 'B-LOC');
    const span = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 20 }), fc.constantFrom('PER', 'LOC'));
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 6 }),
        fc.nat(),
        fc.array(fc.array(tags, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        (spans, seed, rounds) => {
          const whole = spans
            .map(([start, length, label]) => ({ start, end: start + length, label }))
            .filter(({ start, end }) => end <= any.length && !HALF.test(any.slice(start, end)));
          const document = annotated(any, annotate(any, whole), { language: 'en', outside: 'O' });
          for (const [round, wanted] of rounds.entries()) {
            const sentence = (seed + round) % document.sentences.length;
            const now = labels(document.sentences[sentence]!);
            const start = seed % Math.max(now.length - 2, 1);
            const most = wanted.slice(0, now.length);
            const all = [...now.slice(0, start), ...most, ...now.slice(start + most.length)];
            const others = document.sentences.map(labels).filter((_, index) => index !== sentence);
            set(document, sentence, start, most);
            // An I- that continues nothing starts a span.
            const starts = all.map((tag, at) =>
              tag?.[0] === 'I' && tag.slice(1) !== all[at - 1]?.slice(1) ? `B${tag.slice(1)}` : tag,
            );
            expect(labels(document.sentences[sentence]!)).toEqual(starts);
            expect(document.sentences.map(labels).filter((_, index) => index !== sentence)).toEqual(others);
          }
        },
      ),
      { numRuns: 500, seed: 8 },
    );
  });
});

describe('an edit of the text that is undone', () => {
  const TEXT = 'Abebe lives in አዲስ አበባ. 😀 Ali sings.\n';
  const FILE = 'T1\tPER 0 5\tAbebe\n#1\tAnnotatorNotes T1\tsure\nT2\tLOC 15 22\tአዲስ አበባ\n';
  const replace = (start: number, end: number, text = '') => ({ start, end, text });

  it('gives the annotations back that it had deleted', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    document.edit([replace(0, 23)]);
    expect(document.annotations).not.toMatch(/^T/m);
    document.edit([replace(0, 0, TEXT.slice(0, 23))]);
    expect(document.text).toBe(TEXT);
    expect([...document.annotations.trimEnd().split('\n')].sort()).toEqual([...FILE.trimEnd().split('\n')].sort());
    expect(labels(document.sentences[0]!)).toEqual(['B-PER', undefined, undefined, 'B-LOC', 'I-LOC', undefined]);
  });

  it('leaves the file byte for byte where nobody wrote it meanwhile', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    for (let end = 22; end > 13; end--) document.edit([replace(end - 1, end)]);
    document.edit([replace(13, 13, TEXT.slice(13, 22))]);
    expect(document.annotations).toBe(FILE);
  });

  it('gives back the labels of the first of several edits, and keeps what was labelled meanwhile', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    document.edit([replace(0, 12)]);
    document.edit([replace(3, 7)]);
    document.editAnnotations(document.setLabels(1, 0, [undefined, 'B-PER']));
    document.edit([replace(3, 3, 'አዲስ ')]);
    document.edit([replace(0, 0, TEXT.slice(0, 12))]);
    expect(document.text).toBe(TEXT);
    const shown = document.sentences.flatMap(({ tokens }) => tokens.filter(({ label }) => label !== undefined));
    expect(shown.map(({ form, label }) => `${form} ${label}`)).toEqual([
      'Abebe B-PER',
      'አዲስ B-LOC',
      'አበባ I-LOC',
      'Ali B-PER',
    ]);
    expect(new Set(document.annotations.match(/^T\d+/gm)).size).toBe(3);
  });

  it('gives back an id that no other label has got meanwhile', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    document.edit([replace(14, 22)]);
    expect(set(document, 1, 1, ['B-PER'])).toContain('T3\tPER 18 21\tAli\n');
    document.edit([replace(14, 14, TEXT.slice(14, 22))]);
    expect(document.annotations).toBe(`${FILE.replace(/T2.*\n/, '')}T3\tPER 26 29\tAli\nT2\tLOC 15 22\tአዲስ አበባ\n`);
  });

  it('does not bring back what somebody has deleted on purpose', () => {
    const document = annotated(TEXT, FILE, { outside: null });
    document.edit([replace(4, 5)]);
    document.editAnnotations(document.setLabels(0, 0, [undefined]));
    document.edit([replace(4, 4, 'e')]);
    expect(document.text).toBe(TEXT);
    expect(document.sentences[0]!.tokens[0]!.label).toBeUndefined();
  });
});
