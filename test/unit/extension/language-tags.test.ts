import { describe, expect, it } from 'vitest';
import { describeLanguage, languageChoices, typedTag } from '../../../extension/language-tags.ts';

describe('the languages to choose from', () => {
  it('have names in the language of the editor, and are sorted by them', () => {
    const german = languageChoices('de');
    expect(german).toContainEqual({ tag: 'am', name: 'Amharisch' });
    const names = german.map(({ name }) => name);
    expect(names).toEqual(names.toSorted(new Intl.Collator('de').compare));
    expect(languageChoices('qps-ploc')).toContainEqual({ tag: 'yo', name: 'Yoruba' });
  });

  it('are offered once each, by tags that can be typed as well', () => {
    const tags = languageChoices('en').map(({ tag }) => tag);
    expect(new Set(tags).size).toBe(tags.length);
    for (const tag of tags) expect(typedTag(tag)).toBe(tag);
  });

  it.each([
    [' am ', 'am'],
    ['yor', 'yo'],
    ['pt_br', 'pt-BR'],
    ['SR-latn', 'sr-Latn'],
    ['fon', 'fon'],
    ['english', undefined],
    ['አማርኛ', undefined],
    ['a', undefined],
    ['am-', undefined],
    ['', undefined],
  ])('%j typed is the tag %s', (text, tag) => {
    expect(typedTag(text)).toBe(tag);
  });

  it('are described by name and tag, or by the tag alone', () => {
    expect(describeLanguage('am', 'en')).toBe('Amharic (am)');
    expect(describeLanguage('qaa', 'en')).toBe('qaa');
  });
});
