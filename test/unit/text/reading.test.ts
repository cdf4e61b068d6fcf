import { describe, expect, it } from 'vitest';
import { type Format, parseDocument, readingOf } from '../../../server/text/index.ts';

function read(format: Format, text: string) {
  const document = parseDocument(text, { format });
  const reading = readingOf(document, 0);
  expect(reading.tokens.map(({ start, end }) => reading.text.slice(start, end))).toEqual(
    document.sentences[0]!.tokens.map(({ form }) => form.replace(/\s/g, ' ')),
  );
  return reading.text;
}

const row = (id: string, form: string, misc = '_') => `${id}\t${form}\t_\tX\t_\t_\t0\troot\t_\t${misc}\n`;

describe('a sentence as a line', () => {
  it('has blanks between the words of columns', () => {
    expect(read('conll', 'محمد B-PER\nالسادس I-PER\n👩‍🏫 O\nक्षि O\n\n')).toBe('محمد السادس 👩‍🏫 क्षि');
  });

  it('has none where CoNLL-U says so, for a range of words behind its last one', () => {
    expect(
      read(
        'conllu',
        `${row('1', '錢鍾書', 'SpaceAfter=No')}${row('2', '生', 'Gloss=x|SpaceAfter=No')}${row('3', '。')}\n`,
      ),
    ).toBe('錢鍾書生。');
    expect(
      read(
        'conllu',
        `${row('1-2', 'vámonos', 'SpaceAfter=No')}${row('1', 'vamos')}${row('2', 'nos')}${row('3', '.')}\n`,
      ),
    ).toBe('vamos nos.');
  });

  it('is the text of the comment where that holds the words', () => {
    const rows = '1\t無錫\tB-LOC\t-\t-\n2\t人\tO\t-\t-\n';
    expect(read('uner', `# text = 無錫人\n${rows}\n`)).toBe('無錫人');
    expect(read('uner', `# text = 無錫的人\n${rows}\n`)).toBe('無錫 人');
  });

  it('is the text of a JSON line, whose words alone have blanks between them', () => {
    expect(read('jsonl', '{"text": "無錫人,  \\ud83d\\ude00\\nvem.", "entities": []}\n')).toBe('無錫人, 😀 vem.');
    expect(read('jsonl', '{"tokens": ["vem", "."]}\n')).toBe('vem .');
  });

  it('is raw text as it stands there', () => {
    expect(read('txt', '  አዲስ  አበባ 😀\r\nውብ ናት።')).toBe('አዲስ  አበባ 😀');
  });
});
