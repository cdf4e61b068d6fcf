import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  convertTags,
  labelOf,
  SCHEMES,
  type Scheme,
  type Span,
  spansOf,
  tagSetOf,
  tagsOf,
} from '../../../server/tags/index.ts';
import { endOfChunk, startOfChunk } from './conlleval.ts';

const LABELS = ['PER', 'creative-work', 'ስም', '人', 'اسم'];

/** Spans in a sentence, with gaps of any size between them. */
const sentences: fc.Arbitrary<{ spans: Span[]; length: number }> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 2 }),
      size: fc.integer({ min: 1, max: 4 }),
      label: fc.constantFrom(...LABELS),
    }),
    { maxLength: 6 },
  )
  .chain((pieces) => fc.record({ pieces: fc.constant(pieces), tail: fc.integer({ min: 0, max: 2 }) }))
  .map(({ pieces, tail }) => {
    const spans: Span[] = [];
    let at = 0;
    for (const { gap, size, label } of pieces) {
      spans.push({ start: at + gap, end: at + gap + size, label });
      at += gap + size;
    }
    return { spans, length: at + tail };
  });

/** POS has no prefixes: neighbours of one label are one run. */
function merged(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last?.end === span.start && last.label === span.label) out[out.length - 1] = { ...last, end: span.end };
    else out.push(span);
  }
  return out;
}

/** The spans that the scorer's own two functions cut out. */
function literalSpans(tags: readonly string[], bioes: boolean): Span[] {
  const spans: Span[] = [];
  let previous = { tag: 'O', type: '' };
  let start = -1;
  [...tags, 'O'].forEach((text, i) => {
    const hyphen = text.indexOf('-');
    const now = hyphen < 0 ? { tag: text, type: '' } : { tag: text.slice(0, hyphen), type: text.slice(hyphen + 1) };
    if (start >= 0 && endOfChunk(previous, now, bioes)) {
      spans.push({ start, end: i, label: previous.type });
      start = -1;
    }
    // conlleval counts chunks where they start; one that starts inside another (a bracket) cuts it off.
    if (startOfChunk(previous, now, bioes)) {
      if (start >= 0) spans.push({ start, end: i, label: previous.type });
      start = i;
    }
    previous = now;
  });
  return spans;
}

describe('spansOf', () => {
  const tag = (prefixes: readonly string[]) =>
    fc.oneof(
      fc.constant('O'),
      fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom('PER', 'LOC')).map((parts) => parts.join('-')),
    );

  it('cuts broken IOB sequences exactly where conlleval does', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(tag(['B', 'I', '[', ']']), fc.constantFrom('B', 'I'))), (tags) => {
        expect(spansOf(tags)).toEqual(literalSpans(tags, false));
      }),
      { numRuns: 500 },
    );
  });

  it('cuts broken BIOES sequences as conlleval with E- and S-', () => {
    fc.assert(
      fc.property(fc.array(tag(['B', 'I', 'E', 'S'])), (tags) => {
        expect(spansOf(tags)).toEqual(literalSpans(tags, true));
      }),
      { numRuns: 500 },
    );
  });

  it('reads L- and U- of BILOU as E- and S-', () => {
    expect(spansOf(['B-A', 'L-A', 'U-A', 'U-A', 'I-A'])).toEqual(spansOf(['B-A', 'E-A', 'S-A', 'S-A', 'I-A']));
    expect(spansOf(['B-A', 'L-A', 'U-A'])).toEqual([
      { start: 0, end: 2, label: 'A' },
      { start: 2, end: 3, label: 'A' },
    ]);
  });

  it('finds no span over undecided tokens', () => {
    expect(spansOf(['B-A', undefined, 'I-A'])).toEqual([
      { start: 0, end: 1, label: 'A' },
      { start: 2, end: 3, label: 'A' },
    ]);
  });
});

const golden = join(import.meta.dirname, '../../../../shared/golden/spans.json');

describe.skipIf(!existsSync(golden))('the golden spans of the original', () => {
  it('stand at the same tokens; a label with hyphens stays whole, as in conlleval', () => {
    const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as {
      cases: { tags: string[]; spans: [string, number, number][] }[];
    };
    expect(cases.length).toBeGreaterThan(0);
    for (const { tags, spans } of cases) {
      const ours = spansOf(tags).map(({ start, end, label }) => [label.slice(label.lastIndexOf('-') + 1), start, end]);
      expect(ours).toEqual(spans);
    }
  });
});

describe('tags and spans', () => {
  it.each(SCHEMES)('go round in %s', (scheme) => {
    fc.assert(
      fc.property(sentences, ({ spans: all, length }) => {
        // Without prefix, what stands before a hyphen would be taken for one.
        const spans = all.filter(({ label }) => scheme !== 'pos' || !label.includes('-'));
        const tags = tagsOf(spans, length, scheme);
        expect(tags).toHaveLength(length);
        expect(spansOf(tags)).toEqual(scheme === 'pos' ? merged(spans) : spans);
        const known = new Set(scheme === 'pos' ? ['O', ...LABELS] : tagSetOf(LABELS, scheme));
        expect(tags.filter((each) => !known.has(each))).toEqual([]);
      }),
    );
  });

  it('refuses spans that overlap, are empty or leave the sentence', () => {
    const span = (start: number, end: number) => ({ start, end, label: 'A' });
    for (const spans of [[span(0, 2), span(1, 3)], [span(1, 1)], [span(2, 4)], [span(-1, 1)]]) {
      expect(() => tagsOf(spans, 3, 'bio')).toThrow(RangeError);
    }
  });

  it('writes what the schemes are known for', () => {
    const spans = [
      { start: 0, end: 2, label: 'A' },
      { start: 2, end: 3, label: 'A' },
    ];
    expect(tagsOf(spans, 4, 'iob1')).toEqual(['I-A', 'I-A', 'B-A', 'O']);
    expect(tagsOf(spans, 4, 'bio')).toEqual(['B-A', 'I-A', 'B-A', 'O']);
    expect(tagsOf(spans, 4, 'bioes')).toEqual(['B-A', 'E-A', 'S-A', 'O']);
  });

  it('takes labels apart at the first hyphen', () => {
    expect(['B-creative-work', 'O', 'PER', 'B'].map((each) => labelOf(each))).toEqual([
      'creative-work',
      undefined,
      'PER',
      '',
    ]);
    expect([labelOf(undefined), labelOf('B-X', 'pos')]).toEqual([undefined, 'B-X']);
  });
});

describe('convertTags', () => {
  const schemes = fc.constantFrom<Scheme>('iob1', 'bio', 'bioes');

  it('keeps the spans from every scheme to every other', () => {
    fc.assert(
      fc.property(sentences, schemes, schemes, ({ spans, length }, from, to) => {
        expect(convertTags(tagsOf(spans, length, from), to)).toEqual(tagsOf(spans, length, to));
      }),
    );
  });

  it('keeps undecided tokens, and spans that go on into them', () => {
    expect(convertTags([undefined, 'I-A', 'O', 'B-A', undefined], 'bioes', 'bio')).toEqual([
      undefined,
      'E-A',
      'O',
      'S-A',
      undefined,
    ]);
    expect(convertTags(['B-A', undefined, 'E-A', undefined], 'bio', 'bioes')).toEqual([
      'B-A',
      undefined,
      'I-A',
      undefined,
    ]);
    expect(convertTags(['B-A', undefined, 'I-A', undefined], 'bioes', 'bioes')).toEqual([
      'B-A',
      undefined,
      'I-A',
      undefined,
    ]);
    expect(convertTags([undefined, 'I-A'], 'bio', 'iob1')).toEqual([undefined, 'B-A']);
  });
});
