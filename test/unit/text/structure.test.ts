// Splitting and joining tokens and sentences, format by format; on arbitrary sentences: split then join is nothing, and ids
// and references stay valid.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, type Format } from '../../../server/text/index.ts';
import {
  joinSentences,
  joinTokens,
  NotPossible,
  splitSentence,
  splitToken,
} from '../../../server/text/structure/index.ts';
import { labels, open, words } from './helpers.ts';

type Tag = string | undefined;

const split = (text: string, format: Format, token: number, at: number, tags: [Tag, Tag], sentence = 0) =>
  applyEdits(text, splitToken(open(text, format), { sentence, token, at, tags }));
const join = (text: string, format: Format, start: number, end: number, tag: Tag, sentence = 0) =>
  applyEdits(text, joinTokens(open(text, format), { sentence, start, end, tag }));
const cut = (text: string, format: Format, token: number, sentence = 0) =>
  applyEdits(text, splitSentence(open(text, format), sentence, token));
const joinNext = (text: string, format: Format, sentence = 0) =>
  applyEdits(text, joinSentences(open(text, format), sentence));

const rows = (...lines: string[]) => `${lines.join('\n')}\n\n`;
const row = (cells: string) => cells.replaceAll(' ', '\t');

describe('columns without ids', () => {
  it('copies the other columns to the second part of a word; a chunk goes on', () => {
    const text = rows('አዲስአበባ NNP B-NP B-LOC', 'ነው VB O O');
    const after = split(text, 'conll2003', 0, 3, ['B-LOC', 'I-LOC']);
    expect(after).toBe(rows('አዲስ NNP B-NP B-LOC', 'አበባ NNP I-NP I-LOC', 'ነው VB O O'));
    expect(join(after, 'conll2003', 0, 2, 'B-LOC')).toBe(text);
  });

  it('keeps line ends, and a last line without one', () => {
    const text = 'EU B-ORG\r\nrejects O\r\nGerman B-MISC';
    const after = split(text, 'conll', 2, 3, ['B-MISC', 'I-MISC']);
    expect(after).toBe('EU B-ORG\r\nrejects O\r\nGer B-MISC\r\nman I-MISC');
    expect(join(after, 'conll', 2, 4, 'B-MISC')).toBe(text);
  });

  it('writes undecided as _, and nothing where there is no column of labels', () => {
    expect(split('ab _\n', 'conll', 0, 1, [undefined, undefined])).toBe('a _\nb _\n');
    expect(split('ab\ncd\n', 'conll', 0, 1, [undefined, undefined])).toBe('a\nb\ncd\n');
  });

  it('splits and joins sentences', () => {
    const text = 'a O\nb O\nc O\n\nd O\n';
    expect(cut(text, 'conll', 2)).toBe('a O\nb O\n\nc O\n\nd O\n');
    expect(joinNext(text, 'conll')).toBe('a O\nb O\nc O\nd O\n');
  });

  it('does not join over the start of a document', () => {
    expect(() => joinNext('a O\n\n-DOCSTART- O\n\nb O\n', 'conll')).toThrow(NotPossible);
    expect(() => joinNext('a O\n\n-DOCSTART- O\nb O\n', 'conll')).toThrow(NotPossible);
  });

  it('cuts no word at its ends nor within a character', () => {
    for (const [word, at] of [
      ['ab', 0],
      ['ab', 2],
      ['e\u0301x', 1],
      ['👩🏽‍🚀x', 2],
      ['किताब', 1],
    ] as const) {
      expect(() => split(`${word} O\n`, 'conll', 0, at, ['O', 'O']), word).toThrow(NotPossible);
    }
    expect(split('👩🏽‍🚀x O\n', 'conll', 0, 7, ['O', 'O'])).toBe('👩🏽‍🚀 O\nx O\n');
  });
});

describe('CoNLL-U', () => {
  // "Vámonos al mar ya": two multiword tokens, an empty node, references to all of them.
  const text = rows(
    '# sent_id = s1',
    '# text = Vámonos al mar ya',
    row('1-2 Vámonos _ _ _ _ _ _ _ _'),
    row('1 Vamos ir VERB _ _ 0 root 0:root _'),
    row('2 nos nos PRON _ _ 1 obj 1:obj _'),
    row('3-4 al _ _ _ _ _ _ _ _'),
    row('3 a a ADP _ _ 5 case 5:case _'),
    row('4 el el DET _ _ 5 det 5:det _'),
    row('5 mar mar NOUN _ _ 1 obl 1:obl:a _'),
    row('5.1 ir ir VERB _ _ _ _ 1:conj _'),
    row('6 ya ya ADV _ _ 5 advmod 5:advmod|5.1:advmod Gloss=now'),
  );

  it('moves ids, ranges, empty nodes and references when a word is split', () => {
    const after = split(text, 'conllu', 4, 1, ['NOUN', undefined]);
    expect(after).toBe(
      rows(
        ...text.split('\n').slice(0, 8),
        row('5 m m NOUN _ _ 1 obl 1:obl:a SpaceAfter=No'),
        row('6 ar ar _ _ _ 5 dep 5:dep _'),
        row('6.1 ir ir VERB _ _ _ _ 1:conj _'),
        row('7 ya ya ADV _ _ 5 advmod 5:advmod|6.1:advmod Gloss=now'),
      ),
    );
    expect(join(after, 'conllu', 4, 6, 'NOUN')).toBe(text);
  });

  it('lets a range grow with its words', () => {
    const after = split(text, 'conllu', 1, 1, ['PRON', undefined]);
    expect(after).toContain('1-3\tVámonos');
    expect(after).toContain(row('2 n n PRON _ _ 1 obj 1:obj _'));
    expect(after).toContain(row('3 os os _ _ _ 2 dep 2:dep _'));
    expect(after).toContain('4-5\tal');
    expect(join(after, 'conllu', 1, 3, 'PRON')).toBe(text);
  });

  it('gives a multiword token whose words are joined its own form', () => {
    const after = join(text, 'conllu', 2, 4, 'ADP');
    expect(after).toContain(row('3 al al ADP _ _ 4 case 4:case _'));
    expect(after).not.toContain('3-4');
    expect(after).toContain(row('4.1 ir ir VERB _ _ _ _ 1:conj _'));
    expect(after).toContain(row('5 ya ya ADV _ _ 4 advmod 4:advmod|4.1:advmod Gloss=now'));
    expect(after).toContain('# text = Vámonos al mar ya');
  });

  it('takes what hangs outside from the head of the words, and closes the gap in the running text', () => {
    const after = join(text, 'conllu', 4, 6, 'NOUN');
    expect(after).toContain(row('5 marya marya NOUN _ _ 1 obl 1:obl:a Gloss=now'));
    expect(after).toContain('# text = Vámonos al marya\n');
    expect(after).toContain(row('5.1 ir ir VERB _ _ _ _ 1:conj _'));
  });

  it('joins no half of a multiword token', () => {
    expect(() => join(text, 'conllu', 3, 5, 'NOUN')).toThrow(/word 4 belongs to the multiword token 3-4/);
    expect(() => cut(text, 'conllu', 3)).toThrow(/3-4/);
  });

  it('cuts a sentence with its text; each part has one root', () => {
    const after = cut(text, 'conllu', 4);
    expect(after).toBe(
      rows(
        '# sent_id = s1',
        '# text = Vámonos al',
        ...text.split('\n').slice(2, 6),
        row('3 a a ADP _ _ 1 case 1:case _'),
        row('4 el el DET _ _ 1 det 1:det _'),
        '',
        '# sent_id = s1-2',
        '# text = mar ya',
        row('1 mar mar NOUN _ _ 0 root 0:root _'),
        row('1.1 ir ir VERB _ _ _ _ 1:conj _'),
        row('2 ya ya ADV _ _ 1 advmod 1:advmod|1.1:advmod Gloss=now'),
      ),
    );
    const back = joinNext(after, 'conllu');
    expect(back).toContain(row('5 mar mar NOUN _ _ 1 parataxis 1:parataxis _'));
    expect(back).toContain('# sent_id = s1\n# text = Vámonos al mar ya\n1-2');
    expect(ids(back)).toEqual(ids(text));
  });

  it('does not join over the start of a document or a paragraph, and keeps other comments', () => {
    const one = rows('# text = a', row('1 a a X _ _ _ _ _ _'));
    const two = (comment: string) => rows(comment, '# text = b', row('1 b b X _ _ _ _ _ _'));
    expect(() => joinNext(one + two('# newdoc id = d'), 'conllu')).toThrow(/document or a paragraph/);
    expect(joinNext(one + two('# sent_id = s2'), 'conllu')).toContain('# text = a b\n# sent_id = s2\n1\ta');
  });

  it('leaves malformed sentences alone', () => {
    expect(() => split(rows('1\tab'), 'conllu', 0, 1, [undefined, undefined])).toThrow(/malformed lines/);
  });

  it('knows texts without blanks', () => {
    const chinese = rows(
      '# text = 他去北京。',
      ...['他', '去', '北京', '。'].map((form, i) => row(`${i + 1} ${form} ${form} X _ _ _ _ _ SpaceAfter=No`)),
    );
    const after = cut(chinese, 'conllu', 2);
    expect(after).toContain('# text = 他去\n');
    expect(after).toContain('# text = 北京。\n');
    expect(joinNext(after, 'conllu')).toBe(chinese);
  });
});

describe('Universal NER', () => {
  it('numbers anew and keeps the text', () => {
    const text = rows(
      '# text = محمد السادس هنا',
      row('1 محمد B-PER - -'),
      row('2 السادس I-PER - -'),
      row('3 هنا O - -'),
    );
    const joined = join(text, 'uner', 0, 2, 'B-PER');
    expect(joined).toBe(rows('# text = محمدالسادس هنا', row('1 محمدالسادس B-PER - -'), row('2 هنا O - -')));
    const after = cut(text, 'uner', 2);
    expect(after).toBe(
      rows(
        '# text = محمد السادس',
        row('1 محمد B-PER - -'),
        row('2 السادس I-PER - -'),
        '',
        '# text = هنا',
        row('1 هنا O - -'),
      ),
    );
    expect(joinNext(after, 'uner')).toBe(text);
  });
});

describe('JSON lines', () => {
  const text =
    '{"id": 7, "tokens": ["Ad\\u0064is", "Abeba", "👩🏽‍🚀"], "tags": ["B-LOC", "I-LOC", null], "ids": [1, 2, 3]}\n';

  it('splits and joins, escapes and lists beside the tokens included', () => {
    const after = split(text, 'jsonl', 0, 3, ['B-LOC', 'I-LOC']);
    expect(after).toBe(
      '{"id": 7, "tokens": ["Ad\\u0064", "is", "Abeba", "👩🏽‍🚀"], "tags": ["B-LOC", "I-LOC", "I-LOC", null], "ids": [1, 1, 2, 3]}\n',
    );
    expect(join(after, 'jsonl', 0, 2, 'B-LOC')).toBe(text);
  });

  it('cuts and joins lines', () => {
    const after = cut(text, 'jsonl', 2);
    expect(after.split('\n').slice(0, 2)).toEqual([
      '{"id": 7, "tokens": ["Ad\\u0064is", "Abeba"], "tags": ["B-LOC", "I-LOC"], "ids": [1, 2]}',
      '{"id": 7, "tokens": ["👩🏽‍🚀"], "tags": [null], "ids": [3]}',
    ]);
    expect(joinNext(after, 'jsonl')).toBe(text);
    expect(joinNext('{"tokens":["a"]}\n{"tokens":["b"],"tags":["O"]}', 'jsonl')).toBe(
      '{"tokens":["a","b"], "tags": ["_", "O"]}',
    );
    const rejected = '{"tokens":["a"],"tags":["O"]}\n{"tokens":["b"],"tags":["B-X"],"answer":"reject"}';
    expect(() => joinNext(rejected, 'jsonl')).toThrow('rejects its labels');
  });

  it('has no tokens to split in a text', () => {
    expect(() => split('{"text": "Abebe ran"}\n', 'jsonl', 0, 2, [undefined, undefined])).toThrow(
      /found by its language/,
    );
  });
});

describe('raw text', () => {
  it('says why its words are not split', () => {
    expect(() => split('Abebe ran.\n', 'txt', 0, 2, [undefined, undefined])).toThrow(
      /raw text are found by its language/,
    );
    expect(() => joinNext('Abebe ran. He fell.\n', 'txt')).toThrow(/start a new line/);
  });
});

/** Ids of the words, ranges and empty nodes, sentence by sentence. */
function ids(text: string): string[][] {
  const sentences = text.split('\n\n').filter((sentence) => sentence.trim() !== '');
  return sentences.map((sentence) => sentence.split('\n').flatMap((line) => /^[\d.-]+(?=\t)/.exec(line) ?? []));
}

/** What is wrong with the ids, heads and graphs of a CoNLL-U text. */
function invalid(text: string): string[] {
  const wrong = open(text, 'conllu')
    .findings()
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
  for (const sentence of text.split('\n\n')) {
    const cells = sentence
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.split('\t'));
    const known = new Set(['0', ...cells.map(([id]) => id!)]);
    for (const [id, , , , , , head, , graph] of cells) {
      if (head !== '_' && (!known.has(head!) || head === id || head!.includes('-')))
        wrong.push(`${id} hangs on ${head}`);
      const refs = graph === '_' ? [] : graph!.split('|').map((entry) => entry.slice(0, entry.indexOf(':')));
      for (const ref of refs) if (!known.has(ref)) wrong.push(`${id} refers to ${ref}`);
    }
    const heads = cells.filter(([id]) => /^\d+$/.test(id!)).map((row) => row[6]!);
    const roots = heads.filter((head) => head === '0').length;
    if (heads.some((head) => head !== '_') && roots !== 1) wrong.push(`${roots} roots`);
  }
  return wrong;
}

const FORM = fc.constantFrom('አዲስ', 'عَرَبِيّ', 'हिन्दी', '北京', '👩🏽‍🚀a', 'e\u0301a', 'ab', 'San');

/** A sentence of CoNLL-U: a tree, multiword tokens and empty nodes. */
const tree = fc
  .array(fc.record({ form: FORM, space: fc.boolean(), range: fc.boolean(), empty: fc.boolean(), up: fc.nat() }), {
    minLength: 2,
    maxLength: 7,
  })
  .map((tokens) => {
    const lines: string[] = [];
    const surfaces: string[] = [];
    let covered = 0;
    for (const [i, { form, space, range, empty, up }] of tokens.entries()) {
      const id = i + 1;
      const misc = space ? '_' : 'SpaceAfter=No';
      if (range && id < tokens.length && covered < id) {
        lines.push(row(`${id}-${id + 1} ${form}${form} _ _ _ _ _ _ _ ${misc}`));
        surfaces.push(`${form}${form}${space ? ' ' : ''}`);
        covered = id + 1;
      } else if (covered < id) surfaces.push(`${form}${space ? ' ' : ''}`);
      const head = i === 0 ? 0 : 1 + (up % i);
      const graph = i === 0 ? '0:root' : `${head}:x`;
      lines.push(
        row(`${id} ${form} ${form} X _ _ ${head} ${i === 0 ? 'root' : 'x'} ${graph} ${covered < id ? misc : '_'}`),
      );
      if (empty) lines.push(row(`${id}.1 _ _ _ _ _ _ _ ${id}:y _`));
    }
    return rows('# sent_id = s', `# text = ${surfaces.join('').trimEnd()}`, ...lines);
  });

const place = fc.tuple(fc.nat(), fc.nat());

describe('on any sentence', () => {
  const attempt = (work: () => string): string | undefined => {
    try {
      return work();
    } catch (error) {
      if (error instanceof NotPossible) return undefined;
      throw error;
    }
  };

  it('CoNLL-U: split then join gives back the bytes, and everything stays valid', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), place, ([first, ...others], [which, where]) => {
        const text = [first, ...others].join('');
        const { tokens } = open(text, 'conllu').sentences[0]!;
        const token = which % tokens.length;
        const at = 1 + (where % tokens[token]!.form.length);
        const after = attempt(() => split(text, 'conllu', token, at, ['X', undefined]));
        if (after !== undefined) {
          expect(invalid(after)).toEqual([]);
          expect(words(open(after, 'conllu').sentences[0]!)).toHaveLength(tokens.length + 1);
          expect(join(after, 'conllu', token, token + 2, 'X')).toBe(text);
        }
        const end = Math.min(tokens.length, token + 2 + (where % 3));
        const joined = attempt(() => join(text, 'conllu', token, end, 'X'));
        if (joined !== undefined) expect(invalid(joined)).toEqual([]);
        const parts = attempt(() => cut(text, 'conllu', token));
        if (parts !== undefined) {
          expect(invalid(parts)).toEqual([]);
          const back = joinNext(parts, 'conllu');
          expect(invalid(back)).toEqual([]);
          expect(ids(back)).toEqual(ids(text));
          expect(back.split('\n').filter((line) => line.startsWith('#'))).toEqual(
            text.split('\n').filter((line) => line.startsWith('#')),
          );
        }
        const next = attempt(() => joinNext(text, 'conllu'));
        if (next !== undefined) expect(invalid(next)).toEqual([]);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  const writers = {
    conll: (tokens: readonly string[]) => tokens.map((form) => `${form} O\n`).join(''),
    conll2003: (tokens: readonly string[]) => tokens.map((form) => `${form} NN I-NP O\n`).join(''),
    uner: (tokens: readonly string[]) =>
      `# text = ${tokens.join(' ')}\n${tokens.map((form, i) => `${i + 1}\t${form}\tO\t-\t-\n`).join('')}`,
    jsonl: (tokens: readonly string[]) =>
      JSON.stringify({ tokens, tags: tokens.map(() => 'O') })
        .concat('\n')
        .replaceAll('\n\n', '\n'),
  };

  it.each(Object.keys(writers) as (keyof typeof writers)[])('%s: split then join gives back the bytes', (format) => {
    const sentence = fc.array(
      FORM.filter((form) => format !== 'uner' || form !== '北京'),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 3 }), place, (sentences, [which, where]) => {
        const text = sentences.map(writers[format]).join(format === 'jsonl' ? '' : '\n');
        const token = which % sentences[0]!.length;
        const at = 1 + (where % sentences[0]![token]!.length);
        const after = attempt(() => split(text, format, token, at, ['O', 'O']));
        if (after !== undefined) {
          const { sentences: now } = open(after, format);
          expect(words(now[0]!).join('')).toBe(sentences[0]!.join(''));
          expect(labels(now[0]!)).toEqual(new Array(sentences[0]!.length + 1).fill('O'));
          expect(join(after, format, token, token + 2, 'O')).toBe(text);
        }
        if (token > 0) expect(joinNext(cut(text, format, token), format)).toBe(text);
      }),
      { numRuns: 200, seed: 6 },
    );
  });
});
