import { describe, expect, it } from 'vitest';
import { featuresOf, hashBigram, PLACES, shapeOf } from '../../../../server/tagger/wide/templates.ts';

const HERE = PLACES.indexOf(0);

function hashes(word: string, place = HERE): Set<string> {
  const at = featuresOf(word).at[place]!;
  return new Set(Array.from({ length: at.length / 2 }, (_, i) => `${at[2 * i]} ${at[2 * i + 1]}`));
}

function shared(a: string, b: string): number {
  const other = hashes(b);
  return [...hashes(a)].filter((hash) => other.has(hash)).length;
}

describe('shapes', () => {
  it.each([
    ['Rio-92', 'Xxx-dd'],
    ['NATO', 'XX'],
    ['São', 'Xxx'],
    ['Sa\u0303o', 'Xxx'], // combining tilde
    ['Ọ̀yọ́', 'Xxx'],
    ['ሰላም', 'cc'],
    ['السلام', 'cc'],
    ['हिन्दी', 'cc'],
    ['北京', 'cc'],
    ['١٢٣', 'dd'],
    ['😀😀😀😀', '😀😀'],
    ['', ''],
  ])('of %s is %s', (word, shape) => {
    expect(shapeOf(word)).toBe(shape);
  });
});

it('a word has the same features however its marks are written', () => {
  for (const word of ['Ọbásanjọ́', 'Việt', 'São', 'हिन्दी']) {
    const [composed, decomposed] = [word.normalize('NFC'), word.normalize('NFD')];
    expect(featuresOf(decomposed)).toEqual(featuresOf(composed));
  }
});

describe('a word whose spelling is hidden', () => {
  const hashesOf = (word: string, place: number) => featuresOf(word, true).at[place]!;

  it.each([
    ['Rio', 'Ana'],
    ['ሰላም', 'هلا'],
    ['NATO-92', 'UNDP-17'],
  ])('is told by its look alone: %s as %s', (a, b) => {
    for (const place of PLACES.keys()) expect(hashesOf(a, place)).toEqual(hashesOf(b, place));
  });

  it('has what looks alike with hidden and with open spelling, and no bigram', () => {
    const open = hashes('Rio');
    const hidden = hashesOf('Ana', HERE);
    for (let i = 0; i < hidden.length; i += 2) expect(open.has(`${hidden[i]} ${hidden[i + 1]}`)).toBe(true);
    expect(hidden.length / 2).toBe(4); // bias, shape, length, title
    const out = { low: 0, high: 0 };
    expect(hashBigram(0, featuresOf('in'), featuresOf('Rio'), out)).toBe(true);
    expect(hashBigram(0, featuresOf('in'), featuresOf('Rio', true), out)).toBe(false);
    expect(hashBigram(1, featuresOf('in', true), featuresOf('Rio'), out)).toBe(false);
    expect(hashBigram(1, featuresOf('in'), undefined, out)).toBe(false);
  });
});

describe('features', () => {
  it('are computed in code points: no half of a surrogate pair becomes an affix', () => {
    // bias, word, shape, length, punctuation, and affixes of 1: a word of two characters has two of them.
    expect(hashes('😀😁').size).toBe(7);
    expect(shared('😀a', '😁b')).toBe(2); // bias and length alone: 😀 and 😁 share a high surrogate
  });

  it('share what words share', () => {
    // bias, shape, length, title, prefix 1 and 2, suffix 1 to 3
    expect(shared('Maria', 'Magria')).toBe(8);
    expect(shared('Rio', 'rio')).toBe(7); // all but shape, title: bias, word, length, affixes of 1 and 2
    expect(shared('Maria', '北京')).toBe(1);
  });

  it('tell capitals, digits and punctuation', () => {
    expect(shared('AB', 'CD')).toBe(4); // bias, shape, length, upper
    expect(shared('a1', 'b2')).toBe(4); // bias, shape, length, digit
    expect(shared('a+', 'b+')).toBe(4); // bias, shape, length, suffix 1
    expect(shared('-', '+')).toBe(2); // bias, length
    expect(hashes('-').size).toBe(5); // and word, shape, punctuation
  });

  it('know title case as Python does', () => {
    const title = (word: string) => {
      const at = (w: string) => hashes(w);
      // `Ab` is in title case; what only it and the word have, beside what `ab` has, is `title` or the same shape.
      return [...at(word)].some((hash) => at('Žž9').has(hash) && !at('žž9').has(hash) && !at('ŽŽ9').has(hash));
    };
    expect(['Abc', 'Jean-Luc', 'A', 'Élan', 'Ǆ'].map(title)).toEqual([true, true, true, true, true]);
    expect(['abc', 'McKay', 'NATO', 'd’Arc', '北京', 'X-ray'].map(title)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('are other features at other places', () => {
    const all = PLACES.flatMap((_, place) => [...hashes('Rio', place)]);
    expect(new Set(all).size).toBe(all.length);
  });
});
