// The quick learner on a real base: a wide tagger of made-up sentences in several scripts.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AdaptedTagger,
  type LabelledSentence,
  loadTagger,
  RememberingTagger,
  type Tagger,
  trainAdaptation,
  trainTagger,
} from '../../../server/tagger/index.ts';
import { evaluate } from '../../../server/tags/index.ts';
import { SMALL, sentences, withFolder } from './fixtures.ts';

const task = 'ner' as const;
const LABELLED = sentences(30, 7);

let base: Tagger;
beforeAll(() =>
  withFolder(async (folder) => {
    await trainTagger({ ...SMALL, parts: 'wide', out: folder });
    base = await loadTagger(folder, { threads: 1 });
  }),
);

async function tagsOf(tagger: Tagger, words: readonly string[]): Promise<readonly string[]> {
  return (await tagger.tag([words]))[0]!.tags;
}

async function f1Of(tagger: Tagger, gold: readonly LabelledSentence[]): Promise<number> {
  const tagged = await tagger.tag(gold.map(({ words }) => words));
  return evaluate(
    gold.map(({ tags }) => tags),
    tagged.map(({ tags }) => tags),
    task,
  ).f1;
}

/** What the base does not know: names without a capital, and a label that is new. */
const CORRECTIONS: LabelledSentence[] = [
  { words: ['amina', 'left', 'nairobi', '.'], tags: ['B-PER', 'O', 'B-LOC', 'O'] },
  { words: ['አበበ', 'ዛሬ', 'መጣ', '።'], tags: ['B-PER', 'B-DATE', 'O', 'O'] },
  { words: ['प्रिया', 'सोमवार', 'को', 'आई'], tags: ['B-PER', 'B-DATE', 'I-DATE', 'O'] },
];

describe('an adaptation', () => {
  it('is the base itself, number by number, where there is nothing to learn', async () => {
    const undecided = { words: ['Zoë', 'left'], tags: [undefined, undefined] };
    const adapted = new AdaptedTagger(base, await trainAdaptation([undecided], { task, base }));
    expect(adapted.tags).toEqual(base.tags);
    expect(adapted.transitions).toEqual(base.transitions);
    const words = LABELLED.map((sentence) => sentence.words);
    expect(await adapted.emissions(words)).toEqual(await base.emissions(words));
    expect(await adapted.tag(words, { marginals: true })).toEqual(await base.tag(words, { marginals: true }));
  });

  it('knows what it was told last, also with much behind it, and a label that the base does not know', async () => {
    const before = await trainAdaptation(LABELLED, { task, base });
    for (const [i, correction] of CORRECTIONS.entries()) {
      expect(await tagsOf(base, correction.words)).not.toEqual(correction.tags);
      const told = [...LABELLED, ...CORRECTIONS.slice(0, i + 1)];
      const adaptation = await trainAdaptation(told, { task, base, start: before });
      const adapted = new AdaptedTagger(base, adaptation);
      expect(await tagsOf(adapted, correction.words)).toEqual(correction.tags);
      expect(await f1Of(adapted, LABELLED)).toBe(100);
    }
  });

  it('learns no names where people decided nothing but names', async () => {
    const whole = sentences(60, 8);
    const names = whole.map(({ words, tags }) => ({ words, tags: tags.map((tag) => (tag === 'O' ? undefined : tag)) }));
    const onBase = new AdaptedTagger(base, await trainAdaptation(names, { task, base }));
    expect(await f1Of(onBase, LABELLED)).toBe(100);
  });

  it('puts the columns of new labels after those of the base', async () => {
    const adaptation = await trainAdaptation(CORRECTIONS, { task, base });
    expect(adaptation.tags).toEqual([...base.tags, 'B-DATE', 'I-DATE']);
    const [scores] = await new AdaptedTagger(base, adaptation).emissions([['Zoë', 'left']]);
    expect(scores).toHaveLength(2 * adaptation.tags.length);
  });

  it('goes on where a label is gone again, or a new one comes between the old', async () => {
    const date = await trainAdaptation(CORRECTIONS, { task, base });
    const gone = await trainAdaptation(CORRECTIONS.slice(0, 1), { task, base, start: date });
    expect(gone.tags).toEqual(base.tags);
    const age = { words: ['Zoë', '30', '😀'], tags: ['B-PER', 'B-AGE', 'O'] };
    const between = await trainAdaptation([...CORRECTIONS, age], { task, base, start: date });
    expect(between.tags.slice(-4)).toEqual(['B-AGE', 'I-AGE', 'B-DATE', 'I-DATE']);
    const adapted = new AdaptedTagger(base, between);
    for (const { words, tags } of [...CORRECTIONS, age]) expect(await tagsOf(adapted, words)).toEqual(tags);
  });

  it('learns from single decided tokens and leaves the others to the base', async () => {
    const told = [{ words: ['amina', 'left', 'Nairobi'], tags: ['B-PER', undefined, undefined] }];
    const adapted = new AdaptedTagger(base, await trainAdaptation(told, { task, base }));
    expect(await tagsOf(adapted, told[0]!.words)).toEqual(['B-PER', 'O', 'B-LOC']);
  });

  it('counts sentences by their weight', async () => {
    const twoMinds = (weight: number) => [
      { words: ['x', 'went'], tags: ['B-PER', 'O'], weight },
      { words: ['x', 'went'], tags: ['B-LOC', 'O'] },
    ];
    const first = async (weight: number) => {
      const adaptation = await trainAdaptation(twoMinds(weight), { task, base });
      return (await tagsOf(new AdaptedTagger(base, adaptation), ['x', 'went']))[0];
    };
    expect([await first(5), await first(0.2)]).toEqual(['B-PER', 'B-LOC']);
  });

  it('is a wide tagger on its own without a base', async () => {
    const adapted = new AdaptedTagger(undefined, await trainAdaptation(LABELLED, { task }));
    expect(await f1Of(adapted, LABELLED)).toBe(100);
    expect(adapted.languages).toEqual([]);
  });

  it('gives the same numbers for the same sentences, and stops when it is told to', async () => {
    const emissions = async () => {
      const adaptation = await trainAdaptation(CORRECTIONS, { task, base });
      return new AdaptedTagger(base, adaptation).emissions([['Zoë', 'left']]);
    };
    expect(await emissions()).toEqual(await emissions());
    const aborted = trainAdaptation(CORRECTIONS, { task, base, signal: AbortSignal.abort(new Error('enough')) });
    await expect(aborted).rejects.toThrow('enough');
    expect((await trainAdaptation(CORRECTIONS, { task, base, seconds: 0 })).iterations).toBeLessThanOrEqual(1);
  });

  it('refuses a tag that is in no scheme of names', async () => {
    const bad = [{ words: ['Zoë'], tags: ['E-PER'] }];
    await expect(trainAdaptation(bad, { task, base })).rejects.toThrow(/E-PER is not among the tags/);
  });
});

describe('a tagger that remembers', () => {
  /** The base, counting what it is asked. */
  function counting() {
    const asked: string[] = [];
    const tagger = Object.create(base, {
      emissions: {
        value: (sentences: readonly (readonly string[])[], options: object) => {
          asked.push(...sentences.map((words) => words.join(' ')));
          return base.emissions(sentences, options);
        },
      },
    }) as Tagger;
    return { asked, tagger };
  }

  it('asks for every sentence once, in any script, and answers as the base', async () => {
    const { asked, tagger } = counting();
    const remembering = new RememberingTagger(tagger);
    const words = [['Zoë', 'left'], ['አዲስ', 'አበባ', '😀'], ['Zoë', 'left'], []];
    const expected = await base.tag(words, { marginals: true });
    expect(await remembering.tag(words, { marginals: true })).toEqual(expected);
    expect(await remembering.tag(words, { marginals: true })).toEqual(expected);
    expect(asked.sort()).toEqual(['', 'Zoë left', 'አዲስ አበባ 😀']);
  });

  it('tells languages apart, and sentences whose words join to the same text', async () => {
    const { asked, tagger } = counting();
    const remembering = new RememberingTagger(tagger);
    for (const language of ['am', 'sw', 'am']) await remembering.emissions([['a', 'b']], { language });
    await remembering.emissions([['a b']], { language: 'am' });
    expect(asked).toHaveLength(3);
  });

  it('forgets what was longest not asked for when its memory is full', async () => {
    const { asked, tagger } = counting();
    const remembering = new RememberingTagger(tagger, 700);
    for (const word of ['a', 'b', 'a', 'c', 'a', 'b']) await remembering.emissions([[word]]);
    expect(remembering.bytes).toBeLessThanOrEqual(700);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
});
