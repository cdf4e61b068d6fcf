// What is presumed of tokens that nobody decided.
import { describe, expect, it } from 'vitest';
import { type LabelledSentence, presumeCertain, presumeOutside } from '../../../server/tagger/index.ts';

const sentence = (...tags: (string | undefined)[]): LabelledSentence => ({ words: tags.map((_, t) => `ቃል${t}`), tags });
const tagsOf = (sentences: readonly LabelledSentence[]) => sentences.map(({ tags }) => tags);

describe('what is presumed', () => {
  const names = sentence(undefined, 'B-PER', 'I-PER', undefined, undefined);
  const both = sentence(undefined, 'B-PER', 'O', undefined);
  const none = sentence(undefined, undefined);
  const whole = sentence('B-LOC', 'B-LOC');

  it('is O beside names alone, where the model is certain', () => {
    const outside = () => Float32Array.of(0.99, 0, 0, 0.5, 0.96);
    expect(tagsOf(presumeCertain([names, both, none, whole], outside))).toEqual([
      ['O', 'B-PER', 'I-PER', undefined, 'O'],
      ...tagsOf([both, none, whole]),
    ]);
  });

  it('is O beside names alone without a model', () => {
    const decided = sentence('O', 'O', 'O', 'B-PER');
    expect(tagsOf(presumeOutside([names, both, decided], true))).toEqual([
      ['O', 'B-PER', 'I-PER', 'O', 'O'],
      ...tagsOf([both, decided]),
    ]);
  });

  it('is nothing where O is decided too and nobody says that sentences are whole', () => {
    expect(tagsOf(presumeOutside([names, both], false))).toEqual([['O', 'B-PER', 'I-PER', 'O', 'O'], both.tags]);
    const inPart = sentence('O', 'O', undefined, 'B-PER');
    expect(presumeOutside([names, inPart], false)).toEqual([names, inPart]);
  });

  it('is O beside names alone, however much is decided throughout in other sentences', () => {
    const decided = sentence('O', 'O', 'O', 'B-PER');
    const found = presumeOutside([names, decided, decided], false);
    expect(tagsOf(found)).toEqual([['O', 'B-PER', 'I-PER', 'O', 'O'], ...tagsOf([decided, decided])]);
  });
});
