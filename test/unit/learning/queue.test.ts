import { describe, expect, it, vi } from 'vitest';
import type { Measures } from '../../../server/learning/acquisition/index.ts';
import type { Asking } from '../../../server/learning/asking.ts';
import { isHeldOut } from '../../../server/learning/holdout.ts';
import { PoolSentence, readFile } from '../../../server/learning/pool.ts';
import { ReviewQueue } from '../../../server/learning/queue.ts';
import { contentHash } from '../../../server/text/index.ts';
import { parseSettings } from '../../../server/workspace/settings.ts';

const ASKING: Asking = { strategy: 'entropy', unit: 'sentence', holdout: 0 };
const asked = (asking: Partial<Asking> = {}) =>
  new ReviewQueue({ askingOf: () => ({ ...ASKING, ...asking }), seed: 1 });

function sentences(count: number, uri = 'file:///a.conll', holdout = 0): PoolSentence[] {
  return Array.from({ length: count }, (_, i) => new PoolSentence(uri, ['ቃል', `word${i}`, 'کلمه'], undefined, holdout));
}

/** What a model says that doubts each token so much. */
function doubtful(entropy: number): Measures {
  return {
    ...{ tags: ['O', 'O', 'O'], logProbability: -entropy, spans: [], expectedScore: 1 },
    entropies: new Float32Array(3).fill(entropy),
    confidences: new Float32Array(3).fill(1 - entropy / 2),
  };
}

describe('the review queue', () => {
  it('asks first for what the model doubts most', () => {
    const queue = asked();
    const all = sentences(10);
    queue.put('file:///a.conll', all);
    queue.measured(
      all,
      all.map((_, i) => doubtful(((i * 7) % 10) / 10)),
    );
    const items = queue.next(3, () => false);
    expect(items.map(({ sentence }) => all.indexOf(sentence))).toEqual([7, 4, 1]);
    expect(items[0]!.reason).toMatchObject({ by: 'entropy', value: expect.closeTo(0.9) });
    const [first] = items;
    expect(queue.next(1, (sentence) => sentence === first!.sentence)[0]!.sentence).toBe(all[4]);
  });

  it('lets go what is decided or reviewed', () => {
    const queue = asked();
    const all = sentences(3);
    queue.put('file:///a.conll', all);
    all[0]!.reviewed = true;
    all[1]!.tags = ['O', 'B-PER', 'O'];
    all[2]!.tags = ['O', undefined, 'O'];
    expect(queue.next(3, () => false).map(({ sentence }) => sentence)).toEqual([all[2]]);
    expect(queue.count()).toEqual({ files: 1, open: 1, measured: 0 });
  });

  it('mixes in what is kept for measuring, by chance and in its share, and never measures it', () => {
    const queue = asked({ holdout: 0.2 });
    const all = sentences(500, 'file:///a.conll', 0.2);
    expect(all.map(({ heldOut }) => heldOut)).toEqual(all.map(({ words }) => isHeldOut(contentHash(words), 0.2)));
    queue.put('file:///a.conll', all);
    for (let batch = queue.toMeasure(60, () => true); batch.length > 0; batch = queue.toMeasure(60, () => true)) {
      expect(batch.some(({ heldOut }) => heldOut)).toBe(false);
      queue.measured(
        batch,
        batch.map(() => doubtful(0.5)),
      );
    }
    const items = queue.next(100, () => false);
    const kept = items.filter(({ sentence }) => sentence.heldOut);
    expect(kept).toHaveLength(20);
    expect(kept.every(({ reason }) => reason.by === 'random')).toBe(true);
  });

  it('measures anew when the model has learnt, the most doubtful first; the same words keep their measures', () => {
    const queue = asked();
    const all = sentences(40);
    queue.put('file:///a.conll', all);
    queue.measured(
      all,
      all.map((_, i) => doubtful(i === 23 ? 0.9 : 0.1)),
    );
    expect(queue.toMeasure(10, () => true)).toEqual([]);
    queue.put('file:///a.conll', sentences(41));
    expect(queue.toMeasure(10, () => true).map(({ words }) => words[1])).toEqual(['word40']);
    queue.renew();
    expect(queue.toMeasure(10, () => true)[0]!.words[1]).toBe('word23');
    expect(queue.toMeasure(10, (uri) => uri !== 'file:///a.conll')).toEqual([]);
  });

  it('looks through the sentences once where all are measured, until some change', () => {
    const queue = asked();
    const all = sentences(40);
    queue.put('file:///a.conll', all);
    all[3]!.reviewed = true;
    const others = all.filter((one) => one !== all[3]);
    queue.measured(
      others,
      others.map(() => doubtful(0.5)),
    );
    const isOpen = vi.spyOn(PoolSentence.prototype, 'isOpen', 'get');
    const measures = () => {
      isOpen.mockClear();
      const { length } = queue.toMeasure(10, () => true);
      return [length, isOpen.mock.calls.length > 0];
    };
    expect([measures(), measures()]).toEqual([
      [0, true],
      [0, false],
    ]);
    // Somebody opens it again.
    all[3]!.reviewed = false;
    queue.touch();
    expect(measures()).toEqual([1, true]);
    isOpen.mockRestore();
  });

  it('asks a committee first for what models of several rounds contradict each other in', () => {
    const queue = asked({ strategy: 'committee' });
    // More than are put in order with care.
    const all = sentences(1000);
    queue.put('file:///a.conll', all);
    const answer = (tagOf: (i: number) => string, doubtOfLast: number) => {
      queue.renew();
      const measures = all.map((_, i) => {
        return { ...doubtful(i > 997 ? doubtOfLast : 0.2), tags: ['O', tagOf(i), 'O'] };
      });
      queue.measured(all, measures);
      queue.prepare();
    };
    // Three say three things of 998, and one contradicts two on 999. Those that learnt between are no round apart.
    answer((i) => (i === 998 ? 'B-PER' : 'O'), 0);
    for (let i = 0; i < 30; i++) answer(() => 'O', 0);
    answer((i) => (i > 997 ? 'B-LOC' : 'O'), 0.5);
    // The words are those of before, so that the votes still count.
    queue.put('file:///a.conll', sentences(1000));
    const [first, second, third] = queue.next(5, () => false);
    expect([first, second].map((item) => item!.sentence.words[1])).toEqual(['word998', 'word999']);
    expect(first!.reason).toMatchObject({ by: 'committee', value: expect.closeTo(Math.log(3) / 3) });
    expect(second!.reason.value).toBeCloseTo(0.2122, 3);
    expect(third!.reason.value).toBe(0);
    expect(new Set(all.map(({ votes }) => votes.length))).toEqual(new Set([2]));
  });

  it('asks for each file as its project says, where they differ in turn', () => {
    const all = [sentences(40, 'file:///a.conll', 0), sentences(40, 'file:///b.conll', 0.5)] as const;
    const askingOf = (uri: string): Asking =>
      uri === 'file:///a.conll' ? { ...ASKING, unit: 'token' } : { ...ASKING, strategy: 'random', holdout: 0.5 };
    const queue = new ReviewQueue({ askingOf, seed: 1 });
    queue.put('file:///a.conll', all[0]);
    queue.put('file:///b.conll', all[1]);
    queue.measured(
      all[0],
      all[0].map(() => doubtful(0.5)),
    );
    const items = queue.next(40, () => false);
    expect(items.map(({ sentence }) => sentence.uri)).toEqual(
      Array.from({ length: 20 }, () => ['file:///a.conll', 'file:///b.conll']).flat(),
    );
    const ofFile = (uri: string) => items.filter(({ sentence }) => sentence.uri === uri);
    expect(
      ofFile('file:///a.conll').every(({ start, end, reason }) => end - start === 1 && reason.by === 'entropy'),
    ).toBe(true);
    expect(
      ofFile('file:///b.conll').every(({ start, end, reason }) => end - start === 3 && reason.by === 'random'),
    ).toBe(true);
    expect(ofFile('file:///b.conll').filter(({ sentence }) => sentence.heldOut)).toHaveLength(10);
  });

  it('takes a hundred thousand sentences, read in slices', async () => {
    const rows = (i: number) => `ቃል _\nword${i} _\nکلمه _\n👩‍🏫 _\n\n`;
    const text = Array.from({ length: 100_000 }, (_, i) => rows(i)).join('');
    const settings = parseSettings(undefined);
    const { sentences: read } = await readFile({ uri: 'file:///big.conll', languageId: 'conll', text }, settings, 0.1);
    expect(read).toHaveLength(100_000);
    expect(read.at(-1)!.near).toBe(99_999);
    const queue = asked({ strategy: 'mixed', holdout: 0.1 });
    queue.put('file:///big.conll', read);
    const items = queue.next(20, () => false);
    expect(items).toHaveLength(20);
  });

  it.each([
    ['jsonl', (i: number) => `{"tokens": ["ቃል", "word${i}"]}\n`],
    ['plaintext', (i: number) => `ቃል word${i} ሄደ።\n`],
  ])('reads %s line by line, and other work goes on between', async (languageId, line) => {
    const text = Array.from({ length: 20_000 }, (_, i) => line(i)).join('');
    let turns = 0;
    const turning = setInterval(() => turns++, 0);
    const { sentences: read } = await readFile({ uri: 'file:///big', languageId, text }, parseSettings(undefined), 0);
    clearInterval(turning);
    expect(read).toHaveLength(20_000);
    expect(turns).toBeGreaterThan(10);
  });

  it('knows the task of a file by the first of its labels, however late that comes', async () => {
    const text = `${'ቃል _\n\n'.repeat(8000)}ቃል NOUN\n\n`;
    const file = { uri: 'file:///late.conll', languageId: 'conll', text };
    expect((await readFile(file, parseSettings(undefined), 0)).sample.task).toBe('pos');
  });
});
