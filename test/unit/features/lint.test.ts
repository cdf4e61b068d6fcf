import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundIn, Linter, type LintOptions } from '../../../server/features/lint.ts';
import type { ModelAnswer } from '../../../server/features/lint-model.ts';
import { spansOf } from '../../../server/tags/index.ts';
import { applyEdits, parseDocument, type TextDocument } from '../../../server/text/index.ts';

/** All findings of a document. */
function lintDocument(document: TextDocument, options: LintOptions = {}) {
  const linter = new Linter(document, options);
  linter.work(Number.POSITIVE_INFINITY);
  return foundIn(document, linter);
}

const parse = (text: string) => parseDocument(text, { format: 'conll', task: 'ner' });
const codes = (text: string) =>
  lintDocument(parse(text)).map(({ code, start }) => [code, text.slice(0, start).split('\n').length]);

/** Text that a finding's fix gives. */
function fixed(text: string, code: string): string {
  const finding = lintDocument(parse(text)).find((one) => one.code === code);
  return applyEdits(text, finding!.fix!.edits);
}

describe('tags', () => {
  const sound = 'Addis B-LOC\nAbeba I-LOC\nወደ O\n\n';

  it('finds a transition that is not allowed, and repairs it', () => {
    const text = `${sound}ቤት O\nDire I-LOC\nDawa I-LOC\n\n`;
    expect(codes(text)).toEqual([['tags.illegal-transition', 6]]);
    expect(fixed(text, 'tags.illegal-transition')).toBe(text.replace('Dire I-LOC', 'Dire B-LOC'));
  });

  it('finds a tag that the scheme does not have', () => {
    const text = `${sound.repeat(5)}Lalibela U-LOC\n\n`;
    expect(codes(text)).toEqual([['tags.unknown-tag', 21]]);
    expect(fixed(text, 'tags.unknown-tag')).toBe(text.replace('U-LOC', 'B-LOC'));
  });

  it('asks nothing of undecided tokens and what stands beside them', () => {
    expect(codes(`${sound}ቤት _\nDire I-LOC\n_ _\n\n`)).toEqual([]);
  });

  it('tells of a second scheme once it is no slip any more, and converts the file', () => {
    const text = `${sound.repeat(5)}${'Gondar S-LOC\n\n'.repeat(4)}`;
    expect(codes(text).filter(([code]) => code === 'tags.mixed-schemes')).toEqual([['tags.mixed-schemes', 21]]);
    expect(fixed(text, 'tags.mixed-schemes')).toBe(text.replaceAll('S-LOC', 'B-LOC'));
  });

  it('repairs thousands of tags of one sentence in a moment', () => {
    const text = `${sound.repeat(10)}${'x I-LOC\ny B-PER\n'.repeat(20_000)}\n`;
    const before = performance.now();
    const findings = lintDocument(parse(text)).filter(({ code }) => code === 'tags.illegal-transition');
    // A repair that looked at all tags of the sentence took 100 seconds.
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(findings).toHaveLength(20_000);
    expect(findings[1]!.fix!.edits).toEqual([expect.objectContaining({ text: 'B-LOC' })]);
  });

  it('reads IOB1 as IOB1', () => {
    expect(codes('Rwanda I-LOC\n\n'.repeat(3))).toEqual([]);
  });
});

describe('consistency', () => {
  const often = (count: number) => 'Lagos B-LOC\nis O\n\n'.repeat(count);

  it('finds a label that another outnumbers four to one, and not before', () => {
    expect(codes(`${often(3)}Lagos B-ORG\n\n`)).toEqual([]);
    expect(codes(`${often(4)}Lagos B-ORG\n\n`)).toEqual([['consistency.conflict', 13]]);
    expect(fixed(`${often(4)}Lagos B-ORG\n\n`, 'consistency.conflict')).toBe(`${often(4)}Lagos B-LOC\n\n`);
  });

  it('finds a repeat that was missed, where the string is mostly labelled', () => {
    expect(codes(`${often(2)}Lagos O\n\n`)).toEqual([['consistency.missed-repeat', 7]]);
    expect(codes(`${often(2)}Lagos O\n\nLagos O\n\n`)).toEqual([]);
    expect(codes(`${often(2)}Lagos _\n\n`)).toEqual([]);
  });

  it('reports the longest of strings within each other', () => {
    const known = 'North B-LOC\nKivu I-LOC\n\nKivu B-LOC\n\n'.repeat(2);
    const found = lintDocument(parse(`${known}North O\nKivu O\n\n`));
    expect(found.map(({ message }) => message.split('"')[1])).toEqual(['North Kivu']);
  });

  it('repairs in the scheme of the file', () => {
    const text = `${'North B-LOC\nKivu E-LOC\n\nBeni S-LOC\n\n'.repeat(3)}North O\nKivu O\n\n`;
    expect(fixed(text, 'consistency.missed-repeat').endsWith('North B-LOC\nKivu E-LOC\n\n')).toBe(true);
  });

  it('leaves numbers and signs alone', () => {
    expect(codes(`${'1996 B-DATE\n\n'.repeat(9)}1996 O\n\n`)).toEqual([]);
  });
});

describe('a model that contradicts', () => {
  const tags = ['O', 'B-LOC', 'I-LOC', 'B-ORG', 'I-ORG'];
  /** An answer in which each token has one tag with this probability, and the rest is spread. */
  const answer = (path: readonly string[], sure = 0.96): ModelAnswer => ({
    model: 'ner/3',
    scheme: 'bio',
    tags,
    probability: (token, tag) => (tags[tag] === path[token] ? sure : (1 - sure) / (tags.length - 1)),
    spans: spansOf(path),
  });
  const contradicted = (text: string, path: readonly string[], sure?: number) => {
    const document = parse(text);
    const told = answer(path, sure);
    const found = lintDocument(document, { model: { keyOf: () => told, answer: () => told } });
    return found
      .filter(({ code }) => code === 'model.contradicts')
      .map(({ message, fix }) => ({
        message,
        after: applyEdits(text, fix!.edits),
      }));
  };

  it('of a label, is reported and repaired as the model says', () => {
    const [only, ...others] = contradicted('Addis B-ORG\nAbeba I-ORG\nin O\n\n', ['B-LOC', 'I-LOC', 'O']);
    expect(others).toEqual([]);
    expect(only!.message).toBe(
      '“Addis Abeba” is ORG here, and model ner/3 is sure that it is LOC; relabel it, or mark it as right',
    );
    expect(only!.after).toBe('Addis B-LOC\nAbeba I-LOC\nin O\n\n');
  });

  it('takes the ends of the span from the model too', () => {
    const [only] = contradicted('Addis B-ORG\nAbeba O\nin O\n\n', ['B-LOC', 'I-LOC', 'O']);
    expect(only!.after).toBe('Addis B-LOC\nAbeba I-LOC\nin O\n\n');
  });

  it('finds what has no label, and what should have none', () => {
    expect(contradicted('Addis O\nAbeba O\nin O\n\n', ['B-LOC', 'I-LOC', 'O'])).toEqual([
      { message: expect.stringContaining('has no label'), after: 'Addis B-LOC\nAbeba I-LOC\nin O\n\n' },
    ]);
    expect(contradicted('in B-LOC\n\n', ['O'])).toEqual([
      { message: expect.stringContaining('no entity'), after: 'in O\n\n' },
    ]);
  });

  it('says nothing where it is not sure, where it agrees, and of what is undecided', () => {
    expect(contradicted('Addis B-ORG\n\n', ['B-LOC'], 0.85)).toEqual([]);
    expect(contradicted('Addis B-LOC\n\n', ['B-LOC'])).toEqual([]);
    expect(contradicted('Addis _\n\n', ['B-LOC'])).toEqual([]);
  });
});

describe('severity', () => {
  it('is set by code, and by group where the code is not named', () => {
    const document = parse('Rio B-LOC\nx O\nRio I-LOC\n\n');
    const severities = (severity: Record<string, 'off' | 'hint' | 'error'>) =>
      lintDocument(document, { severity }).map((finding) => finding.severity);
    expect(severities({ 'tags.*': 'off' })).toEqual([]);
    expect(severities({ 'tags.*': 'off', 'tags.illegal-transition': 'error' })).toEqual(['error']);
    expect(severities({ 'tags.illegal-transition': 'hint' })).toEqual(['information']);
  });
});

describe('the incremental linter', () => {
  it('finds after any edits what a fresh one finds', () => {
    const word = fc.constantFrom('Lagos', 'Kano', 'is', 'ሀገር', '上海', '😀');
    const tag = fc.constantFrom('O', 'O', 'B-LOC', 'I-LOC', 'B-ORG', '_', 'S-PER');
    const line = fc.oneof(
      { weight: 5, arbitrary: fc.tuple(word, tag).map((cells) => cells.join(' ')) },
      { weight: 2, arbitrary: fc.constant('') },
    );
    const text = fc.array(line, { maxLength: 60 }).map((lines) => lines.map((row) => `${row}\n`).join(''));
    const edit = fc.tuple(fc.nat(), fc.nat(30), text, fc.boolean());
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 6 }), (start, edits) => {
        const document = parse(`Kano B-LOC\nx O\n\n${start}`);
        const linter = new Linter(document);
        for (const [at, length, inserted, pause] of edits) {
          const from = at % (document.text.length + 1);
          const to = Math.min(document.text.length, from + length);
          linter.edited(document.edit([{ start: from, end: to, text: inserted }]));
          if (pause) {
            linter.refreshScheme();
            linter.work(Number.POSITIVE_INFINITY);
          }
        }
        linter.refreshScheme();
        linter.work(Number.POSITIVE_INFINITY);
        const fresh = new Linter(document);
        fresh.work(Number.POSITIVE_INFINITY);
        const plain = (one: Linter) =>
          one.findings().map(({ code, start: s, end, message }) => [code, s, end, message]);
        expect(plain(linter)).toEqual(plain(fresh));
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
