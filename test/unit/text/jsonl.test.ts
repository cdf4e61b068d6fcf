import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertTags, spansOf } from '../../../server/tags/index.ts';
import { applyEdits, convertDocument } from '../../../server/text/index.ts';
import { codes, labels, open, words } from './helpers.ts';

type Tags = readonly (string | undefined)[];

function labelled(text: string, start: number, names: (string | undefined)[]): string {
  const document = open(text, 'jsonl', { language: 'en' });
  return applyEdits(text, document.setLabels(0, start, names));
}

describe('JSON lines', () => {
  it('hold tokens with tags', () => {
    const document = open(
      '{"id": 7, "tokens": ["caf\\u00e9", "\\ud83d\\udc4d", "北京"], "tags": ["B-X", null, "_"]}\r\n\n',
      'jsonl',
    );
    expect(document.sentences.map(words)).toEqual([['café', '👍', '北京']]);
    expect(document.sentences.map(labels)).toEqual([['B-X', undefined, undefined]]);
    expect(document.findings()).toEqual([]);
    expect(document.task).toBe('ner');
    expect(open('{"words": ["a"], "pos_tags": ["NOUN"]}', 'jsonl').task).toBe('pos');
  });

  it.each([
    '"entities": [[2, 4, "LOC"]]',
    '"spans": [{"start": 2, "end": 4, "label": "LOC"}]',
    '"label": [{"start_offset": 2, "end_offset": 4, "label": "LOC"}]',
  ])('hold a text with spans in code points: %s', (spans) => {
    const document = open(`{"text": "\\ud83d\\udc4d 北京很大。", ${spans}}\n`, 'jsonl', { language: 'zh' });
    expect(words(document.sentences[0]!)).toEqual(['👍', '北京', '很大', '。']);
    expect(labels(document.sentences[0]!)).toEqual(['O', 'B-LOC', 'O', 'O']);
    const token = document.sentences[0]!.tokens[0]!;
    expect(document.text.slice(token.start, token.end)).toBe('\\ud83d\\udc4d');
  });

  it('hold what Prodigy writes: objects for tokens beside a text', () => {
    const line =
      '{"text":"Ana ran","tokens":[{"text":"Ana","start":0,"end":3,"id":0},{"text":"ran","start":4,"end":7,"id":1}],' +
      '"spans":[{"start":0,"end":3,"token_start":0,"token_end":0,"label":"PER"}],"answer":"accept"}';
    const document = open(line, 'jsonl', { language: 'en' });
    expect(document.findings()).toEqual([]);
    expect(labels(document.sentences[0]!)).toEqual(['B-PER', 'O']);
    expect(labelled(line, 1, ['B-X'])).toBe(line.replace('"PER"}]', '"PER"}, {"start":4,"end":7,"label":"X"}]'));
  });

  it.each(['reject', 'ignore'])('hold no label where the answer is %s', (answer) => {
    const spans = `{"answer":"${answer}","text":"Rui mora em Faro.","spans":[{"start":0,"end":3,"label":"PER"}],"meta":{}}`;
    const tags = `{"tokens":["Rui","mora"],"tags":["B-PER",null],"answer":"${answer}"}`;
    for (const line of [spans, tags]) {
      const document = open(line, 'jsonl', { language: 'pt' });
      expect(new Set(labels(document.sentences[0]!))).toEqual(new Set([undefined]));
      expect(document.setLabels(0, 0, [undefined])).toEqual([]);
      const options = { spansOf, convertTags: (tags: Tags) => convertTags(tags, 'bioes') };
      expect(convertDocument(document, 'jsonl', options).text).toBe(line);
    }
    const conll = convertDocument(open(spans, 'jsonl', { language: 'pt' }), 'conll', { spansOf }).text;
    expect(conll).toBe('Rui _\nmora _\nem _\nFaro _\n. _\n\n');
    // A label that is set counts; those that were rejected do not come back with it.
    const accepted = spans.replace(answer, 'accept');
    expect(labelled(spans, 3, ['B-LOC'])).toBe(
      accepted.replace(
        '{"start":0,"end":3,"label":"PER"}',
        '{"start":12,"end":16,"label":"LOC"}, {"start":0,"end":11,"label":"_"}, {"start":16,"end":17,"label":"_"}',
      ),
    );
    expect(labelled(spans, 0, ['O', 'O', 'O', 'O', 'O'])).toBe(accepted.replace(/\[.*\]/, '[]'));
    expect(labelled(tags, 1, ['O'])).toBe('{"tokens":["Rui","mora"],"tags":["_", "O"],"answer":"accept"}');
  });

  it('hold long documents, however they are escaped', () => {
    const word = '\\u1230\\u120b\\u121d ';
    const spans = Array.from({ length: 25_000 }, (_, i) => `[${4 * i},${4 * i + 3},"X"]`);
    const line = `{"text":"${word.repeat(25_000)}","entities":[${spans.join(',')}]}`;
    const document = open(line, 'jsonl');
    expect(document.findings()).toEqual([]);
    expect(document.sentences[0]!.tokens).toHaveLength(25_000);
    expect(labelled(line, 24_999, ['B-Y'])).toBe(line.replaceAll('],[', '], [').replace('99999,"X"', '99999,"Y"'));
    expect(open(`{"tokens":["${'\\u1230'.repeat(20_000)}"]}`, 'jsonl').findings()).toEqual([]);
  });

  it('change a tag and nothing else', () => {
    const line = ' {"tokens" : ["a","b"] ,"tags":["O",null], "note":"\\u00e9"}';
    expect(labelled(line, 0, ['B-X'])).toBe(line.replace('"O"', '"B-X"'));
    expect(labelled(line, 1, ['B-X'])).toBe(line.replace('null', '"B-X"'));
    expect(labelled(line, 0, [undefined])).toBe(line.replace('"O"', '"_"'));
    expect(labelled('{"tokens": ["a", "b"]}', 1, ['O'])).toBe('{"tokens": ["a", "b"], "tags": ["_", "O"]}');
  });

  it('change spans and keep the others as they are written', () => {
    const line = '{"text":"Abebe Bikila ran home","entities":[[0,12,"PER"] , [17, 21, "LOC"]]}';
    expect(labelled(line, 0, ['B-ORG', 'I-ORG'])).toBe(
      '{"text":"Abebe Bikila ran home","entities":[[17, 21, "LOC"], [0,12,"ORG"]]}',
    );
    expect(labelled(line, 2, ['O'])).toBe(line);
    const spans = '{"text":"Abebe ran","spans":[{"start":0,"end":5,"label":"PER"}]}';
    expect(labelled(spans, 1, ['B-X'])).toBe(
      '{"text":"Abebe ran","spans":[{"start":0,"end":5,"label":"PER"}, {"start":6,"end":9,"label":"X"}]}',
    );
    expect(labelled('{"text":"👍 ran"}', 1, ['B-X'])).toBe('{"text":"👍 ran", "entities": [[2,5,"X"], [0,1,"_"]]}');
  });

  it('leave undecided what nobody has labelled beside a span', () => {
    const line = '{"text":"Abebe ran to Addis"}';
    const partly = '{"text":"Abebe ran to Addis", "entities": [[0,5,"PER"], [6,18,"_"]]}';
    expect(labelled(line, 0, ['B-PER'])).toBe(partly);
    const document = open(partly, 'jsonl');
    expect(labels(document.sentences[0]!)).toEqual(['B-PER', undefined, undefined, undefined]);
    expect(document.findings()).toEqual([]);
    const two = labelled(partly, 3, ['B-LOC']);
    expect(two).toBe('{"text":"Abebe ran to Addis", "entities": [[0,5,"PER"], [13,18,"LOC"], [6,12,"_"]]}');
    expect(labelled(two, 1, ['O', 'O'])).toBe(
      '{"text":"Abebe ran to Addis", "entities": [[0,5,"PER"], [13,18,"LOC"]]}',
    );
    expect(labelled(two, 0, [undefined])).toContain('"entities": [[13,18,"LOC"], [0,12,"_"]]');
    const outside = '{"text":"Abebe ran","entities":[[0,9,"_"],[0,5,"PER"]]}';
    expect(labels(open(outside, 'jsonl').sentences[0]!)).toEqual(['B-PER', undefined]);
  });

  it.each(['iob1', 'bio', 'bioes'] as const)('keep spans of characters in %s, to the byte', (scheme) => {
    const text = [
      '{"text":"Anna Smith works in Rome","entities":[[20,24,"LOC"] , [0,10,"PER"],[0,4,"FIRST"]]}',
      '{"text":"Anna Bo Cy Rome","spans":[{"start":0,"end":4,"label":"PER"},{"start":5,"end":10,"label":"PER"}]}',
      '{"text":"Anna","label":[{"start_offset":0,"end_offset":4,"label":"PER"}]}',
      '{"text":"Anna"}\n',
    ].join('\n');
    const options = { spansOf, convertTags: (tags: Tags) => convertTags(tags, scheme) };
    expect(convertDocument(open(text, 'jsonl', { language: 'en' }), 'jsonl', options).text).toBe(text);
  });

  it('take the spans of labels in BIOES and BILOU', () => {
    const line = '{"text":"Abebe Bikila ran to Addis","entities":[]}';
    const all = '{"text":"Abebe Bikila ran to Addis","entities":[[0,12,"PER"], [20,25,"LOC"]]}';
    expect(labelled(line, 0, ['B-PER', 'E-PER', 'O', 'O', 'S-LOC'])).toBe(all);
    expect(labelled(line, 0, ['B-PER', 'L-PER', 'O', 'O', 'U-LOC'])).toBe(all);
    expect(labelled(line, 0, ['S-X', 'E-X', 'I-X', 'O', 'O'])).toContain('[[0,5,"X"], [6,12,"X"], [13,16,"X"]]');
  });

  it.each([
    ['{"tokens": ["a"', 'format.json'],
    ['[1]', 'format.json'],
    ['{"a": 1}', 'format.json'],
    ['{"tokens": "a"}', 'format.json'],
    ['{"tokens": ["a"], "tags": [3]}', 'format.json'],
    ['{"tokens": ["a", "b"], "tags": ["O"]}', 'format.columns'],
    ['{"tokens": ["a", " "], "tags": ["O", "O"]}', 'format.empty-form'],
    ['{"text": "a", "entities": [[0, 5, "X"]]}', 'format.annotation'],
    ['{"text": "a", "entities": [{"x": 1}]}', 'format.json'],
    ['{"text": "abc", "entities": [[1, 2, "X"]]}', 'format.span-inside-token'],
    [`{"text": "${'a '.repeat(5_000_000)}"}`, 'format.long-line'],
    [`{"tokens": ["${'a'.repeat(65_537)}"]}`, 'format.long-line'],
  ])('say what is wrong in line 2: %.60s', (line, code) => {
    const document = open(`{"tokens": ["a"]}\n${line}\n{"tokens": ["b"]}\n`, 'jsonl');
    expect(codes(document.findings())).toEqual([code]);
    expect(document.lineOf(document.sentenceAt(document.findings()[0]!.start))).toBe(1);
    expect(document.sentences).toHaveLength(3);
  });

  it('give back any words and tags', () => {
    const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => /[^\s\p{Cc}]/u.test(text));
    const tag = fc.constantFrom('O', 'B-PER', 'I-PER', '"\\');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, tag, tag), { minLength: 1 }), (rows) => {
        const line = `${JSON.stringify({ tokens: rows.map(([form]) => form), tags: rows.map(([, old]) => old) }, null, 0)}\n`;
        const document = open(line, 'jsonl');
        expect(words(document.sentences[0]!)).toEqual(rows.map(([form]) => form));
        document.edit(
          document.setLabels(
            0,
            0,
            rows.map(([, , now]) => now),
          ),
        );
        expect(labels(document.sentences[0]!)).toEqual(rows.map(([, , now]) => now));
        expect(words(document.sentences[0]!)).toEqual(rows.map(([form]) => form));
      }),
      { numRuns: 300, seed: 8 },
    );
  });
});
