import { describe, expect, it } from 'vitest';
import { folding, labelledWords, occurrencesIn } from '../../../server/features/occurrences.ts';
import { searchIn } from '../../../server/features/search.ts';
import { parseQuery, QueryError } from '../../../server/features/search-query.ts';
import { OpenDocument } from '../../../server/workspace/documents.ts';
import { parseSettings } from '../../../server/workspace/settings.ts';

function document(text: string, name = 'a.conll'): OpenDocument {
  const languageId = name.endsWith('u') ? 'conllu' : 'conll';
  return new OpenDocument({ uri: `file:///${name}`, languageId, version: 1, text }, parseSettings(undefined));
}

const TEXT = `Addis B-LOC
Ababa I-LOC
in O
Addis _
Ababa _

አዲስ B-LOC
አበባ I-LOC
ADDIS B-ORG
Ababa I-ORG
👩🏽‍🚀 O

`;

const search = (query: string, text = TEXT) => {
  const open = document(text);
  const parsed = parseQuery(query);
  return open.text.sentences.flatMap((_, i) =>
    searchIn(open, i, parsed).map(({ sentence, words, labels }) => `${sentence}: ${words} (${labels})`),
  );
};

describe('a search', () => {
  it('finds words, phrases and patterns', () => {
    expect(search('Addis')).toEqual(['0: Addis (LOC)', '0: Addis (_)']);
    expect(search('"Addis Ababa"')).toEqual(['0: Addis Ababa (LOC)', '0: Addis Ababa (_)']);
    expect(search('"addis ababa"i')).toEqual([
      ...['0: Addis Ababa (LOC)', '0: Addis Ababa (_)', '1: ADDIS Ababa (ORG)'],
    ]);
    expect(search('/^A.*s$/')).toEqual(['0: Addis (LOC)', '0: Addis (_)']);
    expect(search('/^a.*s$/i')).toHaveLength(3);
    expect(search('/\\p{Script=Ethiopic}/')).toEqual(['1: አዲስ (LOC)', '1: አበባ (LOC)']);
    expect(search('👩🏽‍🚀')).toEqual(['1: 👩🏽‍🚀 (O)']);
  });

  it('finds whole spans, undecided tokens and those outside', () => {
    expect(search('label:LOC')).toEqual(['0: Addis Ababa (LOC)', '1: አዲስ አበባ (LOC)']);
    expect(search('label:*')).toHaveLength(3);
    expect(search('_')).toEqual(['0: Addis (_)', '0: Ababa (_)']);
    expect(search('label:O')).toEqual(['0: in (O)', '1: 👩🏽‍🚀 (O)']);
  });

  it('combines conditions, negates, and takes the part in brackets', () => {
    expect(search('"Addis Ababa"&label:_')).toEqual(['0: Addis Ababa (_)']);
    expect(search('Ababa&label:ORG')).toEqual(['1: Ababa (ORG)']);
    expect(search('/addis/i&!label:LOC')).toEqual(['0: Addis (_)', '1: ADDIS (ORG)']);
    expect(search('label:LOC in [Addis *]')).toEqual(['0: Addis Ababa (_)']);
    expect(search('label:LOC label:ORG')).toEqual(['1: አዲስ አበባ ADDIS Ababa (LOC, ORG)']);
    expect(search('!label:*&!_')).toEqual(['0: in (O)', '1: 👩🏽‍🚀 (O)']);
  });

  it('finds parts of speech', () => {
    const open = document('1\tran\trun\tVERB\t_\t_\t_\t_\t_\t_\n2\tO\tO\tX\t_\t_\t_\t_\t_\t_\n\n', 'a.conllu');
    expect(searchIn(open, 0, parseQuery('label:VERB')).map(({ words }) => words)).toEqual(['ran']);
    expect(searchIn(open, 0, parseQuery('label:VERB *'))).toHaveLength(1);
  });

  it.each([
    ['', 'empty'],
    ['"', 'not understood'],
    ['""', 'no word'],
    ['/(/', 'no regular expression'],
    ['[a', 'not closed'],
    ['a]', 'closes nothing'],
    ['label:', 'names no label'],
    ['!"a b"', 'several words'],
  ])('says what is wrong with %s', (query, message) => {
    expect(() => parseQuery(query)).toThrow(QueryError);
    expect(() => parseQuery(query)).toThrow(message);
  });
});

describe('occurrences', () => {
  const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 0 } });
  const occurrences = (line: number, ignoreCase = false, text = TEXT) => {
    const open = document(text);
    const sought = labelledWords(open, at(line))!;
    return open.text.sentences.flatMap((_, i) => {
      const hits = occurrencesIn(open, i, sought, folding(ignoreCase));
      return hits.map(({ sentence, words, labels, wanted }) => `${sentence}: ${words} (${labels}) ${wanted}`);
    });
  };

  it('are the same tokens without the label; those labelled otherwise are not ticked', () => {
    expect(occurrences(1)).toEqual(['0: Addis Ababa (_) true']);
    expect(occurrences(1, true)).toEqual(['0: Addis Ababa (_) true', '1: ADDIS Ababa (ORG) false']);
    expect(occurrences(0, false, 'A B-LOC\nB O\nA O\nA B-LOC\nC I-LOC\n\n')).toEqual([
      ...['0: A (O) true', '0: A (LOC) false'],
    ]);
  });

  it('know that letters are equal however they are written, where case does not matter', () => {
    expect(occurrences(0, true, 'Cafe\u0301 B-LOC\n\nCAF\u00c9 O\n\n')).toEqual(['1: CAF\u00c9 (O) true']);
  });

  it('are none where no label stands', () => {
    expect(labelledWords(document(TEXT), at(2))).toBeUndefined();
  });
});
