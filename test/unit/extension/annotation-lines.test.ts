import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedLines, changedPiece, turnLines } from '../../../extension/annotation-lines.ts';

const RUI = 'T1\tPER 20 23\tRui';
const MOVED = 'T1\tPER 27 30\tRui';
const OTHERS = 'T2\tLOC 32 37\tአዲስ አበባ\nA1\tKnown T2\n';

/** What undo makes of a file, and redo of that, where the text was edited in between. */
function undone(before: string, after: string, now: string) {
  const changes = changedLines(before, after).map((change) => ({ ...change, isMoved: true }));
  const undo = turnLines(now, changes, 'after', 'before');
  return { undo: undo?.text, redo: undo && turnLines(undo.text, undo.changes, 'before', 'after')?.text };
}

describe('lines of annotations that an edit has changed', () => {
  it.each([
    ['came', OTHERS, `${OTHERS}${RUI}\n`],
    ['went', `${RUI}\n${OTHERS}`, OTHERS],
    ['have another label', `${RUI}\n${OTHERS}`, `${RUI.replace('PER', 'ORG')}\n${OTHERS}`],
    ['are the first', '', `${RUI}\n`],
    [
      'are several',
      `${RUI}\n${OTHERS}T4\tPER 1 2\tx\n`,
      `A1\tKnown T2\nT4\tPER 1 4\tx y\nT5\tPER 6 7\tz\nT6\tLOC 8 9\tz\n`,
    ],
    ['end in two characters', OTHERS.replaceAll('\n', '\r\n'), `${OTHERS}${RUI}\n`.replaceAll('\n', '\r\n')],
  ])('that %s are as they were after undo and redo', (_, before, after) => {
    const undo = turnLines(after, changedLines(before, after), 'after', 'before')!;
    expect(undo.text).toBe(before);
    const redo = turnLines(undo.text, undo.changes, 'before', 'after')!;
    expect(redo.text).toBe(after);
    expect(turnLines(redo.text, redo.changes, 'after', 'before')!.text).toBe(before);
  });

  it('are found where typing has moved their offsets', () => {
    const moved = OTHERS.replace('32 37', '39 44');
    expect(undone(OTHERS, `${OTHERS}${RUI}\n`, `${moved}${MOVED}\n`)).toEqual({
      undo: moved,
      redo: `${moved}${MOVED}\n`,
    });
    const organisation = (line: string) => line.replace('PER', 'ORG');
    expect(undone(`${RUI}\n`, `${organisation(RUI)}\n`, `${organisation(MOVED)}\n`)).toEqual({
      undo: `${MOVED}\n`,
      redo: `${organisation(MOVED)}\n`,
    });
  });

  it('are left alone where their offsets are not known any more', () => {
    expect(undone(`${RUI}\n${OTHERS}`, OTHERS, OTHERS).undo).toBeUndefined();
    expect(undone(`${RUI}\n`, 'T1\tPER 20 28\tRui Reis\n', 'T1\tPER 27 35\tRui Reis\n').undo).toBeUndefined();
  });

  it('are left alone where somebody has changed them', () => {
    expect(undone('', `${RUI}\n`, 'T1\tPER 20 23\tEva\n').undo).toBeUndefined();
    expect(undone('', `${RUI}\n`, 'T1\tORG 20 23\tRui\n').undo).toBeUndefined();
    const changes = changedLines(`${RUI}\n`, '');
    expect(turnLines('T1\tLOC 32 37\tPorto\n', changes, 'after', 'before')).toBeUndefined();
  });

  it('are passed over where they are as they should be', () => {
    expect(undone('', `${RUI}\n`, OTHERS).undo).toBe(OTHERS);
    const changes = changedLines(`${RUI}\n`, '');
    expect(turnLines(`${OTHERS}${MOVED}\n`, changes, 'after', 'before')!.text).toBe(`${OTHERS}${MOVED}\n`);
  });
});

describe('the piece by which two texts differ', () => {
  const line = fc.constantFrom('', RUI, MOVED, 'T2\tLOC 32 37\tአዲስ አበባ', '#1\tnote\t😀', '#1\tnote\t😁', '\r');
  const text = fc
    .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\n'))
    .map(([lines, eol, end]) => lines.join(eol) + end);

  it('makes each of the other, byte for byte, and is of whole lines', () => {
    const property = fc.property(text, text, (a, b) => {
      const { start, before, after } = changedPiece(a, b);
      expect(a.slice(start, start + before.length)).toBe(before);
      expect(a.slice(0, start) + after + a.slice(start + before.length)).toBe(b);
      expect(b.slice(0, start) + before + b.slice(start + after.length)).toBe(a);
      expect(start === 0 || a[start - 1] === '\n').toBe(true);
      const end = start + before.length;
      expect(end === a.length || a[end - 1] === '\n' || before === '').toBe(true);
    });
    fc.assert(property, { numRuns: 500, seed: 3 });
  });
});
