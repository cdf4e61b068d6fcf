import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertTags, spansOf } from '../../../server/tags/index.ts';
import {
  convertDocument,
  detectFormat,
  FORMATS,
  type Format,
  formatOfExtension,
  isAnnotated,
} from '../../../server/text/index.ts';
import { anyText, labels, open, words } from './helpers.ts';

type Tags = readonly (string | undefined)[];

function convert(text: string, from: Format, to: Format, annotations = '') {
  return convertDocument(open(text, from, { annotations, language: 'en' }), to, { spansOf });
}

describe('converting', () => {
  it.each(FORMATS)('%s to itself is the same text', (format) => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(convert(text, format, format)).toEqual({
          text,
          annotations: isAnnotated(open(text, format)) ? '' : undefined,
          lost: [],
        });
      }),
      { numRuns: 200, seed: 9 },
    );
  });

  it('to another scheme changes the label cells alone', () => {
    const document = open('-DOCSTART- X O\r\n\r\nAbebe  N\tI-PER \r\nBikila N I-PER\r\nran V O', 'conll2002');
    const { text, lost } = convertDocument(document, 'conll2002', {
      spansOf,
      convertTags: (tags) => convertTags(tags, 'bio', 'iob1'),
    });
    expect(text).toBe('-DOCSTART- X O\r\n\r\nAbebe  N\tB-PER \r\nBikila N I-PER\r\nran V O');
    expect(lost).toEqual([]);
  });

  it.each<[Format, Format, string, string, string[]]>([
    [
      'conll2003',
      'conll2002',
      '-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nran VBD B-VP _\n\n',
      '-DOCSTART- -X- O O\n\nEU NNP B-ORG\nran VBD _\n\n',
      ['chunks (column 3)): 2'],
    ],
    ['conll2003', 'conll', 'EU NNP B-NP B-ORG\n', 'EU B-ORG\n\n', ['parts of speech and chunks (columns 2 and 3)): 2']],
    ['conll', 'uner', 'Abebe B-PER\nran O\n', '1\tAbebe\tB-PER\t-\t-\n2\tran\tO\t-\t-\n\n', []],
    [
      'uner',
      'conll',
      '# a\n1\tAbebe\tB-PER\t-\tmary\n',
      'Abebe B-PER\n\n',
      ['comments: 1', 'annotator (columns 4 and 5)): 1'],
    ],
    [
      'conllu',
      'conll',
      '1-2\tzum\t_\t_\t_\t_\t_\t_\t_\t_\n1\tzu\t_\tADP\t_\t_\t_\t_\t_\t_\n2\tdem\t_\tDET\t_\t_\t_\t_\t_\t_\n',
      'zu ADP\ndem DET\n\n',
      ['multiword tokens, empty nodes and other lines without a token: 1'],
    ],
    ['conllu', 'conll', '1\tNew York\t_\tPROPN\t_\t_\t_\t_\t_\t_\n', 'New York\tPROPN\n\n', []],
    [
      'conll',
      'conllu',
      'Abebe B-PER\n',
      '1\tAbebe\t_\t_\t_\t_\t_\t_\t_\t_\n\n',
      ['entity labels (the UPOS column is for parts of speech): 1'],
    ],
    ['conll', 'jsonl', 'Abebe B-PER\nran _\n', '{"tokens":["Abebe","ran"],"tags":["B-PER","_"]}\n', []],
    ['jsonl', 'conll', '{"tokens":["Abebe","ran"],"id":3}\n', 'Abebe _\nran _\n\n', ['members of the objects']],
    ['txt', 'conll', 'Abebe  ran.', 'Abebe _\nran _\n. _\n\n', ['blanks and line breaks']],
  ])('%s to %s', (from, to, text, after, lost) => {
    const converted = convert(text, from, to);
    expect(converted.text).toBe(after);
    expect(converted.lost).toHaveLength(lost.length);
    for (const [index, words] of lost.entries()) expect(converted.lost[index]).toContain(words);
    expect(detectFormat(`x.${to}`, converted.text)).toBe(to);
  });

  it('columns to raw text and back keeps spans, in code points', () => {
    const text = '👩🏽‍🚀 O\nአበበ B-PER\nቢቂላ I-PER\n\nहिन्दी B-LANG\n\n';
    const raw = convert(text, 'conll', 'txt');
    expect(raw.text).toBe('👩🏽‍🚀 አበበ ቢቂላ\nहिन्दी\n');
    expect(raw.annotations).toBe('T1\tPER 5 12\tአበበ ቢቂላ\nT2\tLANG 13 19\tहिन्दी\n');
    expect(raw.lost).toEqual(['token and sentence boundaries (raw text is cut anew), in sentences: 2']);
    expect(convert(raw.text, 'standoff', 'conll', raw.annotations).text).toBe(text);
    const more = convert('a. b', 'txt', 'conll', 'T1\tX 0 1\ta\nT2\tY 0 1;3 4\ta b\nR1\tr Arg1:T1 Arg2:T2\n');
    expect(more.lost[0]).toBe('annotation lines other than spans: 2');
  });

  it.each<[Format, string, string, string]>([
    [
      'uner',
      '# text = 錢鍾書生於無錫。\n1\t錢鍾書\tB-PER\t-\t-\n2\t生\tO\t-\t-\n3\t於\tO\t-\t-\n4\t無錫\tB-LOC\t-\t-\n5\t。\tO\t-\t-\n',
      '錢鍾書生於無錫。\n',
      'T1\tPER 0 3\t錢鍾書\nT2\tLOC 5 7\t無錫\n',
    ],
    [
      'uner',
      '# text = (👍Ana Sá)\n1\t(\tO\t-\t-\n2\t👍\tO\t-\t-\n3\tAna\tB-PER\t-\t-\n4\tSá\tI-PER\t-\t-\n5\t)\tO\t-\t-\n',
      '(👍Ana Sá)\n',
      'T1\tPER 2 8\tAna Sá\n',
    ],
    ['jsonl', '{"text":"(Ana Sá)","entities":[[1,7,"PER"]]}\n', '(Ana Sá)\n', 'T1\tPER 1 7\tAna Sá\n'],
    ['conllu', '1\tوصل\t_\tVERB\t_\t_\t_\t_\t_\tSpaceAfter=No\n2\t.\t_\tPUNCT\t_\t_\t_\t_\t_\t_\n', 'وصل.\n', ''],
  ])('to raw text writes words together where the file says so: %s', (from, text, raw, annotations) => {
    const twice = `${text}\n${text}`;
    const converted = convert(twice, from, 'txt');
    expect(converted.text).toBe(raw + raw);
    expect(converted.annotations?.startsWith(annotations)).toBe(true);
    const again = convert(converted.text, 'standoff', 'conll', converted.annotations);
    expect(again.lost.join()).not.toContain('inside a word');
    expect(convert(text, from, 'txt').annotations).toBe(annotations);
  });

  it('says which spans of characters tokens could not show', () => {
    const json = convert(
      '{"text":"Anna Smith ran","entities":[[0,10,"PER"],[5,10,"SUR"],[11,12,"X"],[4,5,"Y"]]}',
      'jsonl',
      'conll',
    );
    expect(json.lost.slice(0, 3)).toEqual([
      'spans that overlap another: 1',
      'spans without a word: 1',
      'ends of spans inside a word (they are widened to the word), in spans: 1',
    ]);
    const text = 'Anna ran. Bo came.';
    const brat = convert(text, 'standoff', 'jsonl', 'T1\tX 5 12\tran. Bo\n');
    expect(brat.lost[0]).toBe('spans over the end of a sentence (they are cut in two): 1');
    expect(convert(text, 'standoff', 'txt', 'T1\tX 5 12\tran. Bo\n').lost).toEqual([]);
  });

  it('labels with blanks are read again as they were, and have _ in brat', () => {
    const json = '{"text":"Anna Smith ran","entities":[[0,10,"Person Name"]]}\n';
    for (const to of ['conll', 'conll2002', 'conll2003', 'uner'] as const) {
      const again = open(convert(json, 'jsonl', to).text, to);
      expect(again.sentences.map(labels)).toEqual([['B-Person Name', 'I-Person Name', 'O']]);
      expect(again.findings()).toEqual([]);
      const options = { spansOf, convertTags: (tags: Tags) => convertTags(tags, 'bioes') };
      expect(convertDocument(again, to, options).text).toContain('E-Person Name');
    }
    expect(convert('{"tokens":["a"],"tags":["B-X\\tY"]}', 'jsonl', 'conll').text).toBe('a\tB-X Y\n\n');
    const raw = convert(json, 'jsonl', 'standoff');
    expect(raw.annotations).toBe('T1\tPerson_Name 0 10\tAnna Smith\n');
    expect(raw.lost).toContain('blanks in labels (written as _), in tokens: 2');
  });

  it('gives every format the same words and labels', () => {
    const word = fc.constantFrom('Abebe', 'ሰላም', '北京', 'عَرَبِيّ', 'हिन्दी', '👩🏽‍🚀', 'e\u0301', 'New York');
    const sentence = fc.array(fc.tuple(word, fc.constantFrom('B-PER', 'O')), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(sentence, { minLength: 1, maxLength: 5 }),
        fc.constantFrom<Format>('conll', 'conll2002', 'conll2003', 'uner', 'jsonl'),
        (sentences, to) => {
          const text = sentences.map((rows) => `${rows.map((row) => row.join('\t')).join('\n')}\n\n`).join('');
          const converted = open(convert(text, 'conll', to).text, to);
          const rows = converted.sentences.map((piece) => words(piece).map((form, at) => [form, labels(piece)[at]]));
          expect(rows).toEqual(sentences);
          expect(converted.findings()).toEqual([]);
        },
      ),
      { numRuns: 200, seed: 10 },
    );
  });
});

describe('recognising a format', () => {
  it.each<[string, string, Format]>([
    ['x.conll', 'EU NNP B-NP B-ORG\n', 'conll2003'],
    ['x.txt', '-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\n', 'conll2003'],
    ['esp.testa.gz', 'Sao NC B-LOC\nPaulo VMI I-LOC\n', 'conll2002'],
    ['x.txt', 'Abebe B-PER\nran O\n', 'conll'],
    ['x.txt', '\ufeffDu\tPRON\r\nla\tADP\r\n', 'conll'],
    ['x.iob2', '# c\n1\ta\tO\t-\t-\n', 'uner'],
    ['x.iob2', 'a\tO\n', 'conll'],
    ['x.conllu', '', 'conllu'],
    ['x', '# c\n1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n', 'conllu'],
    ['x.txt', 'Two words\nare here\n', 'txt'],
    ['x.txt', '北京\n很大\n', 'txt'],
    ['x.txt', 'Chapter 1\nChapter 2\n', 'txt'],
    ['x.conll', 'Abebe\nran\n', 'conll'],
    ['x.json.txt', '{"text": "a"}\n{"text": "b"}', 'jsonl'],
    ['x.ann', 'T1\tX 0 1\ta', 'standoff'],
    ['x.jsonl', '', 'jsonl'],
    ['x.txt', '', 'txt'],
    ['-', 'Hello there, all of you.', 'txt'],
  ])('%s with %j is %s', (path, text, format) => {
    expect(detectFormat(path, text)).toBe(format);
  });

  it('knows extensions', () => {
    expect(formatOfExtension('a/b.CoNLLU.gz')).toBe('conllu');
    expect(formatOfExtension('a.b/c')).toBeUndefined();
  });
});
