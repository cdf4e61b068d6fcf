import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../../../server/text/index.ts';
import { exchangeAmong, exchangeOf } from '../../../../server/workspace/journal/index.ts';

const sentencesOf = (text: string) => parseDocument(text, { format: 'conll', task: 'ner' }).sentences;
const SPLIT = { source: 'አዲስአበባ B-LOC\n\n', text: 'አዲስ B-LOC\nአበባ I-LOC\n\n' };
const JOINED = { source: 'है O\n\n😀 O\n\n', text: 'है O\n😀 O\n\n' };
const KNOWN = [SPLIT, JOINED];

describe('an edit', () => {
  const around = (text: string, before = 'ውብ O\n\n') => sentencesOf(`${before}${text}ውብ O\n\n`);

  it.each(KNOWN)('exchanges the two texts of a line, either way', ({ source, text }) => {
    expect(exchangeAmong(KNOWN, around(source), around(text))).toEqual({ first: 1, source, text });
    expect(exchangeAmong(KNOWN, around(text), around(source))).toEqual({ first: 1, source: text, text: source });
    expect(exchangeAmong(KNOWN, sentencesOf(text), sentencesOf(source))).toMatchObject({ first: 0 });
  });

  it('that does more, or something else, is none', () => {
    const { source, text } = SPLIT;
    expect(exchangeAmong(KNOWN, around(text), around(source, 'ውብ B-PER\n\n'))).toBeUndefined();
    expect(exchangeAmong(KNOWN, around(text), around(source.replace('LOC', 'ORG')))).toBeUndefined();
    expect(exchangeAmong(KNOWN, around(text), around(text))).toBeUndefined();
  });

  it('is none where none is known, whatever was touched: nothing is read for that', () => {
    const unread = around(SPLIT.text).map(
      (sentence) => new Proxy(sentence, { get: (_, name) => expect.fail(String(name)) }),
    );
    expect(exchangeAmong([], unread, unread)).toBeUndefined();
  });

  it('of a line that holds a sentence more than was touched is one too', () => {
    const known = { source: `ውብ O\n\n${SPLIT.source}`, text: `ውብ O\n\n${SPLIT.text}` };
    const found = exchangeAmong([known], around(known.source), around(known.text));
    expect(found).toEqual({ first: 1, ...known });
  });

  it('is known by the sentences that it touched', () => {
    expect(exchangeOf(around(SPLIT.source), around(SPLIT.text))).toEqual({ first: 1, ...SPLIT });
    expect(exchangeOf(around(''), around(''))).toBeUndefined();
  });
});
