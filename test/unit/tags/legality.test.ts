import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowedTransitions,
  detectScheme,
  illegalTags,
  relabel,
  SCHEMES,
  type Scheme,
  spansOf,
  tagSetOf,
  tagsOf,
} from '../../../server/tags/index.ts';

type Tags = (string | undefined)[];
const LABELS = ['PER', 'ስም'];
const NER: Scheme[] = ['iob1', 'bio', 'bioes'];

/** Whether every neighbouring pair of decided tags, and the ends, are in the table. */
function isLegal(tags: readonly (string | undefined)[], scheme: Scheme): boolean {
  const names = tagSetOf(LABELS, scheme);
  const { start, end, pairs } = allowedTransitions(names, scheme);
  const ids = tags.map((tag) => (tag === undefined ? undefined : names.indexOf(tag)));
  return ids.every((id, i) => {
    if (id === undefined) return true;
    if (id < 0 || (i === 0 && start[id] === 0) || (i === ids.length - 1 && end[id] === 0)) return false;
    const before = ids[i - 1];
    return before === undefined || pairs[before * names.length + id] === 1;
  });
}

const anyTags = (scheme: Scheme): fc.Arbitrary<Tags> =>
  fc.array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...tagSetOf(LABELS, scheme)) }, fc.constant(undefined)), {
    minLength: 1,
    maxLength: 8,
  });

/** A legal sequence with undecided tokens: any one, repaired. */
const legalTags = (scheme: Scheme): fc.Arbitrary<Tags> =>
  anyTags(scheme).map((tags) => {
    for (const { index, repaired } of illegalTags(tags, scheme)) tags[index] = repaired;
    return tags;
  });

describe('allowedTransitions', () => {
  it('says what BIO allows', () => {
    const tags = ['O', 'B-A', 'I-A', 'B-B', 'I-B'];
    const { start, end, pairs } = allowedTransitions(tags, 'bio');
    expect([...start]).toEqual([1, 1, 0, 1, 0]);
    expect([...end]).toEqual([1, 1, 1, 1, 1]);
    expect([...pairs]).toEqual([1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1]);
  });

  it('says what BIOES and IOB1 allow', () => {
    const bioes = allowedTransitions(['O', 'B-A', 'I-A', 'E-A', 'S-A', 'E-B'], 'bioes');
    expect([...bioes.start]).toEqual([1, 1, 0, 0, 1, 0]);
    expect([...bioes.end]).toEqual([1, 0, 0, 1, 1, 1]);
    expect([...bioes.pairs.subarray(0, 6)]).toEqual([1, 1, 0, 0, 1, 0]);
    expect([...bioes.pairs.subarray(6, 12)]).toEqual([0, 0, 1, 1, 0, 0]);
    expect([...bioes.pairs.subarray(18, 24)]).toEqual([1, 1, 0, 0, 1, 0]);
    const iob1 = allowedTransitions(['O', 'B-A', 'I-A', 'B-B'], 'iob1');
    expect([...iob1.start]).toEqual([1, 0, 1, 0]);
    expect([...iob1.pairs]).toEqual([1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1]);
  });

  it('allows everything in POS and nothing to a foreign tag', () => {
    expect(allowedTransitions(['NOUN', 'B-X'], 'pos').pairs).toEqual(Uint8Array.of(1, 1, 1, 1));
    expect(allowedTransitions(['O', 'S-A'], 'bio').pairs).toEqual(Uint8Array.of(1, 0, 0, 0));
  });

  it.each(NER)(
    'is what tagsOf writes in %s: a sequence is legal if and only if it is its own spans written anew',
    (scheme) => {
      const decided = anyTags(scheme).map((tags) => tags.map((tag) => tag ?? 'O'));
      fc.assert(
        fc.property(decided, (tags) => {
          const anew = tagsOf(spansOf(tags), tags.length, scheme);
          expect(isLegal(tags, scheme)).toBe(anew.every((tag, i) => tag === tags[i]));
        }),
        { numRuns: 300 },
      );
    },
  );
});

describe('illegalTags', () => {
  it.each(NER)('finds nothing in %s exactly where the table finds nothing, and its repairs are legal', (scheme) => {
    fc.assert(
      fc.property(anyTags(scheme), (tags) => {
        const found = illegalTags(tags, scheme);
        expect(found.length === 0).toBe(isLegal(tags, scheme));
        const repaired = [...tags];
        for (const { index, repaired: tag } of found) repaired[index] = tag;
        expect(isLegal(repaired, scheme)).toBe(true);
        expect(spansOf(repaired)).toEqual(spansOf(tags));
      }),
      { numRuns: 300 },
    );
  });

  it('says what is wrong', () => {
    expect(illegalTags(['O', 'I-PER', 'I-LOC'], 'bio')).toEqual([
      { index: 1, reason: 'I-PER follows O; in BIO a span of PER starts with B-', repaired: 'B-PER' },
      { index: 2, reason: 'I-LOC follows I-PER; in BIO a span of LOC starts with B-', repaired: 'B-LOC' },
    ]);
    expect(illegalTags(['B-PER', 'O'], 'bioes')).toEqual([
      { index: 0, reason: 'B-PER comes before O; in BIOES it needs I-PER or E-PER after it', repaired: 'S-PER' },
    ]);
    expect(illegalTags(['I-PER', 'O', 'B-PER'], 'iob1').map(({ reason }) => reason)).toEqual([
      'B-PER follows O; in IOB1 B- only separates two neighbouring spans of one label',
    ]);
    expect(illegalTags(['S-PER', 'PER'], 'bio').map(({ repaired }) => repaired)).toEqual(['B-PER', 'B-PER']);
    expect(illegalTags(['I-NOUN'], 'pos')).toEqual([]);
  });
});

describe('relabel', () => {
  it.each(SCHEMES)('keeps %s legal, gives the tokens the label and leaves the others theirs', (scheme) => {
    const label = fc.constantFrom(...LABELS, null, undefined);
    fc.assert(
      fc.property(legalTags(scheme), fc.nat(), fc.nat(), label, (tags, a, b, to) => {
        const start = a % tags.length;
        const end = start + 1 + (b % (tags.length - start));
        const after = relabel(tags, start, end, to, scheme);
        expect(after).toHaveLength(tags.length);
        expect(isLegal(after, scheme)).toBe(true);
        const labels = (all: Tags) => all.map((tag) => tag?.replace(/^[BIES]-/u, ''));
        const outside = scheme === 'pos' ? undefined : 'O';
        expect(labels(after)).toEqual(labels(tags).fill(to === null ? outside : to, start, end));
        if (scheme !== 'pos' && typeof to === 'string')
          expect(spansOf(after)).toContainEqual({ start, end, label: to });
      }),
      { numRuns: 300 },
    );
  });

  it('repairs both pieces of a span that was cut in the middle', () => {
    const tags = ['B-A', 'I-A', 'I-A', 'I-A', 'E-A'];
    expect(relabel(tags, 2, 3, 'B', 'bioes')).toEqual(['B-A', 'E-A', 'S-B', 'B-A', 'E-A']);
    expect(relabel(tags, 1, 4, null, 'bioes')).toEqual(['S-A', 'O', 'O', 'O', 'S-A']);
    expect(relabel(['B-A', 'I-A', 'I-A'], 1, 2, null, 'bio')).toEqual(['B-A', 'O', 'B-A']);
    expect(relabel(['I-A', 'I-A', 'I-A'], 1, 2, 'A', 'iob1')).toEqual(['I-A', 'B-A', 'B-A']);
    expect(() => relabel(tags, 4, 6, 'A', 'bio')).toThrow(RangeError);
  });
});

describe('detectScheme', () => {
  const corpus = (scheme: Scheme) =>
    fc.array(
      legalTags(scheme)
        .map((tags) => tags.map((tag) => tag ?? 'O'))
        .map((tags) => tagsOf(spansOf(tags), tags.length, scheme)),
      {
        minLength: 5,
        maxLength: 20,
      },
    );

  it.each(NER)('recognises %s from legal sentences', (scheme) => {
    fc.assert(
      fc.property(corpus(scheme), (sentences) => {
        const { scheme: found, mixed, evidence } = detectScheme(sentences);
        expect(mixed).toEqual([]);
        if (evidence.length > 0) expect(found).toBe(scheme);
      }),
    );
  });

  it('tells mixed schemes, but not a slip, and where they start', () => {
    const bio = ['B-A', 'I-A', 'O'];
    const iob1 = ['O', 'I-A', 'O'];
    expect(detectScheme([bio, iob1, iob1])).toEqual({
      scheme: 'iob1',
      mixed: [{ scheme: 'bio', votes: 1, sentence: 0, token: 0 }],
      evidence: [
        { scheme: 'iob1', votes: 2, sentence: 1, token: 1 },
        { scheme: 'bio', votes: 1, sentence: 0, token: 0 },
      ],
    });
    const { scheme, mixed } = detectScheme([...Array<string[]>(30).fill(bio), iob1]);
    expect([scheme, mixed]).toEqual(['bio', []]);
  });

  it('recognises POS, and takes BIO where nothing tells', () => {
    expect(detectScheme([['NOUN', 'VERB', undefined, '.']]).scheme).toBe('pos');
    expect(detectScheme([['O', undefined], []])).toEqual({ scheme: 'bio', mixed: [], evidence: [] });
  });
});
