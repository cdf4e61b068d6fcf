// Translation word by word: labels stay, case is that of the word, in the scripts that have one.
import { describe, expect, it } from 'vitest';
import { prepareData } from '../../../server/tagger/training-data.ts';
import { translateSentences, translatorOf } from '../../../server/tagger/translate.ts';
import type { TrainOptions } from '../../../server/tagger/types.ts';
import { InputError } from '../../../server/text/types.ts';

const pairs = (text: string) =>
  text.split(', ').map((pair) => {
    const [source, target] = pair.split(' ') as [string, string];
    return { source, target };
  });

describe('a translated word', () => {
  const LIST = pairs(
    'ẹ̀kọ́ ẹ̀kọ́, peace paz, peace calma, the el, élan ímpetu, i yo, cat mačka, ice buz, new-york nueva-york',
  );
  const translate = translatorOf(LIST, 'es');

  it.each([
    ['peace', 'paz'], // the first translation of several
    ['Peace', 'Paz'],
    ['PEACE', 'PAZ'],
    ['I', 'Yo'], // one letter says nothing about the others
    ['Élan', 'Ímpetu'],
    ['E\u0301lan', 'Ímpetu'], // the same word, written with a combining mark
    ['E\u0301LAN', 'ÍMPETU'],
    ['McPeace', 'McPeace'],
    ['New-York', 'Nueva-york'],
    ['Ẹ\u0300kọ́', 'Ẹ̀kọ́'], // a capital with a mark is one letter
    ['...', '...'],
    ['', ''],
  ])('%s is %s', (word, expected) => {
    expect(translate(word)).toBe(expected);
  });

  it('is the most frequent of its translations, or else the first', () => {
    const list = pairs('said said, said dicho, said dijo, taxi taxi, china porcelana, china china');
    const ranks = new Map([
      ['dijo', 90],
      ['dicho', 400],
      ['china', 30],
    ]);
    const byRank = translatorOf(list, 'es', (word) => ranks.get(word) ?? Infinity);
    expect(['said', 'taxi', 'china'].map(byRank)).toEqual(['dijo', 'taxi', 'china']);
    expect(['said', 'taxi', 'china'].map(translatorOf(list, 'es'))).toEqual(['said', 'taxi', 'porcelana']);
  });

  it('has the capitals of its language', () => {
    expect(translatorOf(pairs('cat iyi'), 'tr')('Cat')).toBe('İyi');
    expect(translatorOf(pairs('cat iyi'), 'en')('CAT')).toBe('IYI');
    // A tag that this machine does not know.
    expect(translatorOf(pairs('cat iyi'), 'x-unknown')('Cat')).toBe('Iyi');
  });

  it('stays as it is in scripts without case, from them and into them', () => {
    expect(translatorOf(pairs('peace ሰላም, city مدينة'), 'am')('PEACE')).toBe('ሰላም');
    expect(translatorOf(pairs('city مدينة'), 'ar')('City')).toBe('مدينة');
    expect(translatorOf(pairs('ሰላም peace'), 'en')('ሰላም')).toBe('peace');
    expect(translatorOf(pairs('مدينة city'), 'en')('مدينة')).toBe('city');
  });

  it('keeps capitals that the list gives', () => {
    expect(translatorOf(pairs('house Haus'), 'de')('house')).toBe('Haus');
  });
});

describe('translated sentences', () => {
  const sentence = { words: ['The', 'UN', 'left', 'Addis'], tags: ['O', 'B-ORG', undefined, 'B-LOC'], weight: 3 };

  it('keep labels, undecided ones too, and weights', () => {
    const translate = translatorOf(pairs('the ዘ, left ሄደ'), 'am');
    const [translated] = translateSentences([sentence], translate, 'am');
    expect(translated).toEqual({ ...sentence, words: ['ዘ', 'UN', 'ሄደ', 'Addis'], language: 'am' });
  });

  const OPTIONS: TrainOptions = {
    ...{ task: 'ner', parts: 'wide', out: 'x', language: 'en' },
    train: [sentence, { ...sentence, words: ['a', 'b', 'c', 'd'], language: 'am' }],
    dev: [sentence],
    translate: { pairs: pairs('the ዘ') },
  };

  it('take the place of the originals in train and dev', () => {
    const { train, dev, devOfSource } = prepareData(OPTIONS, 'am');
    expect(train.map(({ words, language }) => [words[0], language])).toEqual([
      ['ዘ', 'am'],
      ['a', 'am'], // stood in the target language already
    ]);
    expect(dev.map(({ words, language }) => [words[0], language])).toEqual([['ዘ', 'am']]);
    expect(devOfSource).toEqual([true]);
  });

  it('are told from those that stood in the target language, where both are dev', () => {
    const { devOfSource } = prepareData({ ...OPTIONS, dev: [sentence, { ...sentence, language: 'am' }] }, 'am');
    expect(devOfSource).toEqual([true, false]);
  });

  it('stand beside them where those are kept', () => {
    const { train, dev } = prepareData({ ...OPTIONS, translate: { ...OPTIONS.translate!, keep: true } }, 'am');
    expect(train.map(({ words, language }) => [words[0], language])).toEqual([
      ['The', undefined],
      ['ዘ', 'am'],
      ['a', 'am'],
    ]);
    expect(dev).toHaveLength(1);
  });

  it('are none of the dev data of the target language', () => {
    const { dev: _, ...options } = OPTIONS;
    const data = prepareData({ ...options, targetDev: [sentence] }, 'am');
    expect(data.dev).toEqual([{ ...sentence, language: 'am' }]);
    expect([data.devOfSource, data.targetDev]).toEqual([undefined, undefined]);
    const blank = { words: ['a'], tags: [undefined] };
    expect(() => prepareData({ ...OPTIONS, targetDev: [blank] }, 'am')).toThrow(InputError);
  });

  it('are for the wide part alone where an encoder reads and the list knows less than half of the words outside of names', () => {
    const words = ['Ana', 'likes', 'the', 'red', 'house', ',', 'Rui', 'too', '.'];
    const train = [{ words, tags: words.map((word) => (/^[AR]/.test(word) ? 'B-PER' : 'O')) }];
    const data = (list: string, more: Partial<TrainOptions> = {}) => {
      return prepareData({ ...OPTIONS, train, translate: { pairs: pairs(list) }, ...more }, 'am');
    };
    const encoder = { encoder: { folder: 'encoder' } };
    const few = 'the ዘ, ana ኣና, rui ሩይ, red ቀይ';
    expect(data(few, encoder).translation).toEqual({ known: 0.4, used: false });
    expect(data(few, encoder).train).toEqual(train);
    expect(data(few, encoder).wide[0]!.words).toContain('ቀይ');
    expect(data(few, { ...encoder, dev: train }).dev).toEqual(train);
    expect(data(few).train[0]!.words).toContain('ቀይ');
    const enough = `${few}, house ቤት`;
    expect(data(enough, encoder).translation).toEqual({ known: 0.6, used: true });
    expect(data(enough, encoder).train[0]!.words).toContain('ቤት');
    // What is in the language already does not count.
    const own = { words: ['ሀ', 'ለ', 'ሐ'], tags: ['O', 'O', 'O'], language: 'am' };
    expect(data(enough, { ...encoder, train: [...train, own] }).translation!.known).toBe(0.6);
    // Of parts of speech all words count.
    expect(data(few, { ...encoder, task: 'pos' }).translation).toEqual({ known: 4 / 7, used: true });
  });
});
