// The small parts of deep training, each on its own: order of sentences, stopping, chunks of words, dropout, Adam.
import { describe, expect, it } from 'vitest';
import { ANY_TAG } from '../../../../server/tagger/crf.ts';
import { ADAM } from '../../../../server/tagger/deep/adam.ts';
import { epochBatches, passesFor } from '../../../../server/tagger/deep/batches.ts';
import { examplesOf } from '../../../../server/tagger/deep/examples.ts';
import { FORMS, WORD_LENGTHS } from '../../../../server/tagger/deep/programs.ts';
import { planChunks } from '../../../../server/tagger/deep/spelling.ts';
import { exhausted, note, START } from '../../../../server/tagger/deep/stopping.ts';
import { seenOnce, UNKNOWN, Vocabulary } from '../../../../server/tagger/deep/vocabulary.ts';
import { adam, adamInputs, fillDropout, Graph, OutsideWeight, Random } from '../../../../server/tensor/index.ts';
import { ortEngine } from '../../../../server/tensor/ort/index.ts';

const random = (stream: string) => new Random(1, stream);

describe('order of an epoch', () => {
  const lengths = Array.from({ length: 950 }, (_, i) => 1 + ((i * 37) % 60));

  it('passes over every sentence as often as over any other', () => {
    const seen = epochBatches(lengths, 20, 3, random('a')).flat();
    const counts = new Map<number, number>();
    for (const i of seen) counts.set(i, (counts.get(i) ?? 0) + 1);
    expect(counts.size).toBe(950);
    expect(new Set(counts.values())).toEqual(new Set([3]));
  });

  it('puts near lengths together', () => {
    const spread = (batches: number[][]) =>
      batches.reduce((sum, batch) => {
        const own = batch.map((i) => lengths[i]!);
        return sum + Math.max(...own) - Math.min(...own);
      }, 0) / batches.length;
    const batches = epochBatches(lengths, 20, 1, random('a'));
    expect(spread(batches)).toBeLessThan(8);
    expect(
      spread([
        random('a')
          .shuffle(lengths.map((_, i) => i))
          .slice(0, 20),
      ]),
    ).toBeGreaterThan(30);
  });

  it('is there for as many sentences as there are', () => {
    expect(epochBatches(new Array<number>(200_000).fill(5), 20, 1, random('a'))).toHaveLength(10_000);
  });

  it('is the same for the same seed, and another one for another epoch', () => {
    expect(epochBatches(lengths, 20, 1, random('1'))).toEqual(epochBatches(lengths, 20, 1, random('1')));
    expect(epochBatches(lengths, 20, 1, random('1'))).not.toEqual(epochBatches(lengths, 20, 1, random('2')));
  });

  it('passes over small data until the epoch has its steps', () => {
    expect(passesFor(100, 20, 100)).toBe(20);
    expect(passesFor(8323, 20, 100)).toBe(1);
  });
});

describe('examples', () => {
  const tags = ['O', 'B-PER'];
  const examples = (length: number, tagOf: (i: number) => string | undefined) => {
    const words = Array.from({ length }, (_, i) => `ቃል${i}`);
    const sentence = { words, tags: words.map((_, i) => tagOf(i)) };
    return examplesOf([{ words: [], tags: [] }, sentence], Vocabulary.of([sentence]), tags);
  };

  it.each([1, 128, 129, 300, 1000])('hold every label of a sentence of %i words once, at its word', (length) => {
    const all = examples(length, (i) => (i % 7 === 0 ? undefined : tags[i % 2]));
    const found = all.flatMap(({ sentence, start, words, ids, tags: own }) => {
      expect(sentence).toBe(1);
      expect(words.length).toBe(Math.min(length, 128));
      return [...own].flatMap((tag, t) => {
        expect([words[t], ids[t]]).toEqual([`ቃል${start + t}`, start + t + 1]);
        return tag === ANY_TAG ? [] : [[start + t, tag]];
      });
    });
    const expected = Array.from({ length }, (_, i) => [i, i % 2]).filter(([i]) => i! % 7 !== 0);
    expect(found).toEqual(expected);
    expect(all).toHaveLength(length === 1 ? 0 : Math.max(1, Math.ceil((length - 32) / 96)));
  });

  it('are the windows with labels only', () => {
    expect(examples(300, (i) => (i === 299 ? 'O' : undefined)).map(({ start }) => start)).toEqual([172]);
    expect(examples(300, () => undefined)).toEqual([]);
  });
});

describe('early stopping', () => {
  it('counts steps since the best score, and only a better score is better', () => {
    const progress = { ...START };
    expect(note(progress, 0, 100, 1)).toBe(true); // a first F1 of 0 is a score
    expect(note(progress, 50, 200, 2)).toBe(true);
    expect(note(progress, 50, 300, 3)).toBe(false);
    expect(progress).toEqual({ best: 50, bestStep: 200, bestEpoch: 2 });
    expect(exhausted(progress, 499, 300)).toBe(false);
    expect(exhausted(progress, 500, 300)).toBe(true);
  });

  it('takes no score that is not a number', () => {
    expect(note({ ...START }, Number.NaN, 1, 1)).toBe(false);
  });
});

describe('chunks of words', () => {
  it('hold every word with characters once, at its length, and few long ones', () => {
    const spelled = Array.from({ length: 700 }, (_, i) => Array.from({ length: (i * 7) % 41 }, (_, k) => (i + k) % 50));
    const chunks = planChunks(spelled);
    const words = chunks.flatMap((chunk) => chunk.words);
    const written = spelled.flatMap((ids, i) => (ids.length > 0 ? [i] : []));
    expect([...words].sort((a, b) => a - b)).toEqual(written);
    for (const { time, words: own, characters, lengths } of chunks) {
      expect(WORD_LENGTHS).toContain(time);
      own.forEach((word, row) => {
        const ids = Array.from({ length: lengths[row]! }, (_, t) => characters[t * FORMS + row]);
        expect(ids).toEqual(spelled[word]);
      });
    }
    const padded = chunks.reduce((sum, { time }) => sum + time * FORMS, 0);
    expect(padded).toBeLessThan(1.5 * spelled.flat().length + 40 * FORMS);
  });
});

describe('vocabulary', () => {
  const sentence = (text: string) => ({ words: text.split(' '), tags: text.split(' ').map(() => 'O') });
  const sentences = [sentence('ኢትዮጵያ ሀገር ናት'), sentence('👩‍🚀 नमस्ते नमस्ते')];
  const vocabulary = Vocabulary.of(sentences);

  it('knows the words of training and no others', () => {
    expect(vocabulary.word('ኢትዮጵያ')).toBe(1);
    expect(vocabulary.word('Ethiopia')).toBe(UNKNOWN);
    expect(seenOnce(sentences, vocabulary)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('spells by code points and skips what it does not know', () => {
    expect(vocabulary.spell('👩‍🚀', 40)).toHaveLength(3);
    expect(vocabulary.spell('x👩y', 40)).toHaveLength(1);
    expect(vocabulary.spell('中文', 40)).toEqual([]);
    expect(vocabulary.spell('नमस्ते', 2)).toHaveLength(2);
  });
});

describe('dropout masks', () => {
  it.each([0.1, 0.25, 0.5])('zero a share of %f and keep the expected value', (rate) => {
    const mask = fillDropout(new Float32Array(8_000_001), rate, random('mask'));
    const zeros = mask.filter((x) => x === 0).length;
    expect(zeros / mask.length).toBeCloseTo(rate, 2);
    expect(mask.reduce((a, b) => a + b) / mask.length).toBeCloseTo(1, 3);
  });

  it('change nothing at rate 0', () => {
    expect(fillDropout(new Float32Array(5), 0, random('mask'))).toEqual(Float32Array.of(1, 1, 1, 1, 1));
  });
});

describe('Adam outside of the graph', () => {
  it('does what Adam in the graph does', async () => {
    const start = Float32Array.from({ length: 6 }, (_, i) => Math.sin(i));
    const graph = new Graph();
    const updates = adam(graph, { w: graph.input('g', [6]) }, { beta1: ADAM.beta1, beta2: ADAM.beta2 });
    const programs = { main: () => ({ graph, stages: [{ name: 'update', outputs: {}, updates }] }) };
    const weights = { w: { shape: [6], data: start } };
    const model = await ortEngine('cpu').createModel({ weights, programs }, { threads: 1 });
    const outside = new OutsideWeight('w', { w: { shape: [6], data: start.slice() } }, ADAM);
    for (let step = 1; step <= 5; step++) {
      const gradient = Float32Array.from({ length: 6 }, (_, i) => Math.cos(step * i));
      const inputs = adamInputs(step, { ...ADAM, learningRate: 0.01, correctEpsilon: true });
      await model.run('main', 'update', { g: gradient, ...inputs });
      const rates = { rate: inputs['adam.rate']![0]!, epsilon: inputs['adam.epsilon']![0]! };
      outside.update(gradient.subarray(0, 3), 0, 1, rates);
      outside.update(
        gradient.subarray(3).map((g) => 2 * g),
        3,
        0.5,
        rates,
      );
    }
    const inside = await model.read();
    await model.dispose();
    const state = outside.state();
    expect(Object.keys(state).sort()).toEqual(Object.keys(inside).sort());
    for (const [name, { data }] of Object.entries(inside)) {
      data.forEach((value, i) => {
        expect(state[name]!.data[i]).toBeCloseTo(value, 6);
      });
    }
  });
});
