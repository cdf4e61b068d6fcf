// The languages that a training is about, where an encoder knows several.
import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../server/encoder/types.ts';
import { targetOf } from '../../../server/tagger/languages.ts';
import type { LabelledSentence, TrainOptions } from '../../../server/tagger/types.ts';

const sentence: LabelledSentence = { words: ['ሰላም'], tags: ['O'] };
const target = (languages: readonly string[], more: Partial<TrainOptions>) =>
  targetOf({ task: 'ner', train: [sentence], out: 'model', language: 'en', ...more } as TrainOptions, {
    encoder: { languages } as Encoder,
    vectors: undefined,
  });

describe('the language that a model is for', () => {
  it('is the only other one of the encoder, or the one that is named', () => {
    expect(target(['en', 'am'], { targetDev: [sentence] })).toBe('am');
    expect(target(['en', 'am', 'sw'], { targetDev: [sentence], target: 'sw' })).toBe('sw');
    expect(target(['en', 'am', 'sw'], {})).toBeUndefined();
  });

  it('has to be named where target dev data could be of several', () => {
    expect(() => target(['en', 'am', 'sw'], { targetDev: [sentence] })).toThrow(
      'the language of the target dev data is not known; name it: LANG=FILE, or the target',
    );
    expect(target(['en', 'am', 'sw'], { targetDev: [{ ...sentence, language: 'am' }] })).toBeUndefined();
  });
});
