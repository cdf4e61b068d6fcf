// Taggers that read a frozen encoder: they learn in one language and tag another, and their folder is complete in itself.
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../server/encoder/types.ts';
import {
  type LabelledSentence,
  loadTagger,
  type OpenEncoder,
  readDescription,
  type TrainOptions,
  trainTagger,
} from '../../../server/tagger/index.ts';
import { evaluate } from '../../../server/tags/index.ts';
import { Random } from '../../../server/tensor/index.ts';
import { InputError } from '../../../server/text/types.ts';
import { asked, openConcepts, PAIRS, writeEncoder } from './concept-encoder.ts';
import { SMALL, withFolder } from './fixtures.ts';

const TAG: Readonly<Record<string, string>> = { amina: 'B-PER', zoë: 'B-PER', nairobi: 'B-LOC', paulo: 'B-LOC' };

/** Sentences of known words, all in lower case: neither shape nor spelling says what is a name. */
function sentences(count: number, seed: number, language: 'en' | 'es'): LabelledSentence[] {
  const random = new Random(seed, 'concepts');
  return Array.from({ length: count }, () => {
    const concepts = Array.from({ length: 3 + random.below(6) }, () => PAIRS[random.below(PAIRS.length)]!);
    return {
      words: concepts.map(([en, es]) => (language === 'en' ? en : es)),
      tags: concepts.map(([en]) => TAG[en] ?? 'O'),
    };
  });
}

const OPTIONS = {
  task: 'ner',
  train: sentences(60, 1, 'en'),
  dev: sentences(20, 2, 'en'),
  parts: 'deep',
  language: 'en',
  threads: 1,
  deep: { chars: 4, charHidden: 4, hidden: 8, epochSteps: 15, learningRate: 0.02 },
  limits: { epochs: 4 },
} as const satisfies Omit<TrainOptions, 'out'>;
const SPANISH = sentences(40, 3, 'es');

interface Place {
  readonly parent: string;
  readonly out: string;
  readonly encoder: NonNullable<TrainOptions['encoder']>;
}

/** A folder with an encoder, and a cache in it. */
function withEncoder(work: (place: Place) => Promise<void>): Promise<void> {
  return withFolder(async (parent) => {
    const folder = await writeEncoder(join(parent, 'encoder'));
    const cache = { folder: join(parent, 'cache') };
    await work({ parent, out: join(parent, 'model'), encoder: { folder, cache, open: openConcepts } });
  });
}

async function f1(folder: string, test: readonly LabelledSentence[], language: string): Promise<number> {
  const tagger = await loadTagger(folder, { threads: 1, openEncoder: openConcepts });
  const tagged = await tagger.tag(
    test.map(({ words }) => words),
    { language },
  );
  await tagger.dispose();
  const gold = test.map(({ tags }) => tags);
  return evaluate(
    gold,
    tagged.map(({ tags }) => tags),
    'ner',
  ).f1;
}

const hash = async (folder: string) => (await readDescription(folder)).weights.sha256;

describe('a tagger with an encoder', () => {
  it.each(['layer=1', 'all', 'fws', 'sws'])('learns from English and tags Spanish (%s)', (features) =>
    withEncoder(async ({ out, encoder }) => {
      const report = await trainTagger({ ...OPTIONS, out, encoder: { ...encoder, features } });
      expect(report.dev).toBeGreaterThan(90);
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(90);
      // Read as English, all Spanish words are unknown.
      expect(await f1(out, SPANISH, 'en')).toBeLessThan(60);
    }),
  );

  it('needs neither characters nor words beside it', () =>
    withEncoder(async ({ out, encoder }) => {
      await trainTagger({ ...OPTIONS, deep: { ...OPTIONS.deep, charHidden: 0 }, out, encoder });
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(90);
      const vocabulary = JSON.parse(await readFile(join(out, 'vocabulary.json'), 'utf8')) as object;
      expect(vocabulary).toEqual({ words: [], characters: [] });
    }));

  it('reads characters for names, and for parts of speech where a sentence is in the language that they are for', () =>
    withEncoder(async ({ out, encoder }) => {
      const pos = (all: readonly LabelledSentence[]) =>
        all.map((sentence) => ({ ...sentence, tags: sentence.tags.map((tag) => (tag === 'O' ? 'X' : 'PROPN')) }));
      const read = async (options: Partial<TrainOptions>) => {
        const { charHidden: _, ...deep } = OPTIONS.deep;
        await trainTagger({ ...OPTIONS, deep, limits: { epochs: 1 }, ...options, out, encoder });
        return (await readDescription(out)).configuration.deep!.charHidden > 0;
      };
      const warnings: string[] = [];
      const warn = (message: string) => warnings.push(message);
      await read({ target: 'es', warn });
      expect(warnings).toEqual([]);
      await read({ warn });
      expect(warnings).toEqual(['the tagger is tuned for en; if it is for es, name that as the target']);
      const grammar = { task: 'pos', train: pos(OPTIONS.train), dev: pos(OPTIONS.dev!) } as const;
      expect(await read({ target: 'es' })).toBe(true);
      expect(await read(grammar)).toBe(true);
      expect(await read({ ...grammar, target: 'es' })).toBe(false);
      const known = new Set(OPTIONS.train.flatMap(({ words }) => words.map((word) => word.toLowerCase())));
      const pairs = [...known].map((word) => ({ source: word, target: `${word}o` }));
      expect(await read({ ...grammar, target: 'es', translate: { pairs } })).toBe(true);
    }));

  it('says what it was trained with, and is complete in itself', () =>
    withEncoder(async ({ parent, out, encoder }) => {
      await writeFile(join(encoder.folder, 'interviews.txt'), 'private');
      await trainTagger({ ...OPTIONS, out, encoder, target: 'es' });
      const before = await f1(out, SPANISH, 'es');
      expect(await readDescription(out)).toMatchObject({
        language: 'en',
        target: 'es',
        configuration: { deep: { words: 0, encoder: { layers: 3, hidden: 4, mixing: { layer: 1 } } } },
        encoder: { languages: ['en', 'es'], origin: { relative: '../encoder', absolute: encoder.folder } },
      });
      expect(await readdir(join(out, 'encoder'))).toEqual([
        'encoder.json',
        'vocabulary.en.txt',
        'vocabulary.es.txt',
        'weights.safetensors',
      ]);
      const moved = join(parent, 'deep', 'down');
      await trainTagger({ ...SMALL, parts: 'wide', out: moved });
      await rm(moved, { recursive: true });
      await rename(out, moved);
      await rm(encoder.folder, { recursive: true });
      expect(await f1(moved, SPANISH, 'es')).toBe(before);
      const tagger = await loadTagger(moved, { threads: 1, openEncoder: openConcepts });
      expect(tagger).toMatchObject({ language: 'es', languages: ['en', 'es'] });
      const disposed = asked.disposed;
      await tagger.dispose();
      expect(asked.disposed).toBe(disposed + 1);
    }));

  it('gives a sentence the same tags alone and among others of other lengths', () =>
    withEncoder(async ({ out, encoder }) => {
      await trainTagger({ ...OPTIONS, out, encoder, limits: { epochs: 1 } });
      const tagger = await loadTagger(out, { threads: 1, openEncoder: openConcepts });
      const many = [...SPANISH, { words: Array.from({ length: 300 }, (_, i) => PAIRS[i % 10]![1]) }];
      const words = many.map((sentence) => sentence.words);
      const together = await tagger.tag(words, { language: 'es', marginals: true });
      for (const i of [0, 7, 40]) {
        const [alone] = await tagger.tag([words[i]!], { language: 'es', marginals: true });
        const worst = Math.max(...alone!.marginals.map((p, k) => Math.abs(p - together[i]!.marginals[k]!)));
        expect(worst).toBeLessThan(1e-4);
      }
      await tagger.dispose();
    }));

  it('learns from half-labelled sentences', () =>
    withEncoder(async ({ out, encoder }) => {
      const half = sentences(120, 1, 'en').map(({ words, tags }, s) => ({
        words,
        tags: tags.map((tag, i) => ((s + i) % 2 === 0 ? tag : undefined)),
      }));
      await trainTagger({ ...OPTIONS, train: half, out, encoder });
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(80);
    }));

  it('learns from labels that stand far behind in a sentence', () =>
    withEncoder(async ({ out, encoder }) => {
      const long = Array.from({ length: 20 }, (_, i) => {
        const together = sentences(60, i, 'en');
        const words = together.flatMap((sentence) => sentence.words);
        const tags = together.flatMap((sentence) => sentence.tags);
        expect(words.length).toBeGreaterThan(256);
        return { words, tags: tags.map((tag, t) => (t < 128 ? undefined : tag)) };
      });
      await trainTagger({ ...OPTIONS, train: long, out, encoder });
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(90);
    }));

  it('reads text of a region in the language that the encoder knows', () =>
    withEncoder(async ({ out, encoder }) => {
      const british = OPTIONS.train.map((sentence) => ({ ...sentence, language: 'en-GB' }));
      const options = { train: british, language: 'en-GB', target: 'es-MX', limits: { epochs: 1 } };
      await trainTagger({ ...OPTIONS, ...options, out, encoder });
      expect(await readDescription(out)).toMatchObject({ language: 'en' });
    }));

  it('refuses another encoder in its folder, and languages that it does not know', () =>
    withEncoder(async ({ out, encoder }) => {
      const attempt = (more: Partial<TrainOptions>) => trainTagger({ ...OPTIONS, out, encoder, ...more });
      await expect(attempt({ language: 'yo' })).rejects.toThrow(
        /encoder: the encoder does not know the language yo; name one of en, es$/,
      );
      await expect(attempt({ target: 'yo' })).rejects.toThrow(/does not know the language yo/);
      await expect(attempt({ language: undefined })).rejects.toThrow(InputError);
      await expect(attempt({ encoder: { ...encoder, features: 'layer=3' } })).rejects.toThrow(
        /the encoder has no features layer=3; ask for layer=0 to layer=2, all, fws or sws/,
      );
      expect(existsSync(out)).toBe(false);
      await attempt({ limits: { epochs: 1 } });
      await expect(f1(out, SPANISH, 'yo')).rejects.toThrow(/does not know the language yo/);
      const original = await readFile(join(encoder.folder, 'encoder.json'), 'utf8');
      await writeEncoder(join(out, 'encoder'), 2);
      await expect(f1(out, SPANISH, 'es')).rejects.toThrow(
        /model\/encoder: this is another encoder than the one that the tagger was trained with .*; train the model again/,
      );
      // The file was a second name of the original's, which must not have changed.
      expect(await readFile(join(encoder.folder, 'encoder.json'), 'utf8')).toBe(original);
    }));

  it('is not written with another encoder, and what it has learnt is kept, where the encoder is replaced meanwhile', () =>
    withEncoder(async ({ parent, out, encoder }) => {
      await trainTagger({ ...OPTIONS, encoder, out: join(parent, 'whole') });
      let replacing: Promise<string> | undefined;
      const progress: TrainOptions['progress'] = ({ step }) => {
        if (step === 20) replacing ??= writeEncoder(encoder.folder, 2);
      };
      const attempt = trainTagger({ ...OPTIONS, out, encoder, progress, checkpointSeconds: 0 });
      await expect(attempt).rejects.toThrow(/encoder: the encoder was replaced while .*; put the old one back and run/);
      expect(existsSync(out)).toBe(false);
      await replacing;
      await writeEncoder(encoder.folder, 1);
      expect((await trainTagger({ ...OPTIONS, out, encoder })).resumed).toBe(true);
      expect(await hash(out)).toBe(await hash(join(parent, 'whole')));
    }));

  it('computes features once, also for the next run', () =>
    withEncoder(async ({ parent, out, encoder }) => {
      const train = async (more: Partial<TrainOptions>) => {
        const before = asked.sentences;
        await trainTagger({ ...OPTIONS, out, encoder, ...more });
        return asked.sentences - before;
      };
      expect(await train({})).toBe(80);
      const first = await hash(out);
      expect(await train({})).toBe(0);
      expect(await hash(out)).toBe(first);
      const none = { ...encoder, cache: { ...encoder.cache, limit: 0 } };
      expect(await train({ encoder: none })).toBeGreaterThan(400);
      expect(await hash(out)).toBe(first);
      expect((await readdir(parent)).sort()).toEqual(['cache', 'encoder', 'model']);
    }));

  it.each([1, 15, 31])('aborted after step %i goes on to the same model', (after) =>
    withEncoder(async ({ parent, out, encoder }) => {
      const whole = join(parent, 'whole');
      const options = { ...OPTIONS, encoder, targetDev: SPANISH, limits: { epochs: 3 } };
      await trainTagger({ ...options, out: whole });
      const controller = new AbortController();
      const progress: TrainOptions['progress'] = ({ phase, step }) => {
        if (phase === 'deep' && step === after) controller.abort(new Error('enough'));
      };
      await expect(trainTagger({ ...options, out, progress, signal: controller.signal })).rejects.toThrow('enough');
      expect((await trainTagger({ ...options, out })).resumed).toBe(true);
      expect(await hash(out)).toBe(await hash(whole));
      expect(existsSync(`${out}.training`)).toBe(false);
    }),
  );

  it('aborted while a step reads features that are in no cache goes on to the same model', () =>
    withEncoder(async ({ parent, out, encoder: { folder } }) => {
      const controller = new AbortController();
      let isAtStep = false;
      const open: OpenEncoder = async (...where) => {
        const encoder = await openConcepts(...where);
        const states: Encoder['states'] = (...what) => {
          if (isAtStep) controller.abort(new Error('enough'));
          return encoder.states(...what);
        };
        return { ...encoder, states };
      };
      const encoder = { folder, cache: { folder: join(parent, 'cache'), limit: 0 }, open };
      const options = { ...OPTIONS, encoder, limits: { epochs: 2 } };
      await trainTagger({ ...options, out: join(parent, 'whole') });
      const progress: TrainOptions['progress'] = ({ phase, step }) => {
        isAtStep = phase === 'deep' && step === 7;
      };
      await expect(trainTagger({ ...options, out, progress, signal: controller.signal })).rejects.toThrow('enough');
      isAtStep = false;
      expect((await trainTagger({ ...options, out })).resumed).toBe(true);
      expect(await hash(out)).toBe(await hash(join(parent, 'whole')));
    }));
});

describe('the wide part of a model for another language', () => {
  /** The words of the names stand in training; the target's vocabulary holds none of them. */
  const options = { ...OPTIONS, parts: 'both' as const, limits: { epochs: 2 } };

  it('counts on dev as much as the target language lets it', () =>
    withEncoder(async ({ out, encoder }) => {
      const seen = await trainTagger({ ...options, out, encoder });
      const hidden = await trainTagger({ ...options, out, encoder, target: 'es' });
      const open = await trainTagger({ ...options, out, encoder, target: 'es', wide: { asTarget: false } });
      expect(seen.devOfParts.wide).toBeGreaterThan(95);
      expect(hidden.devOfParts.wide).toBeLessThan(60);
      expect(open.devOfParts).toEqual(seen.devOfParts);
      const share = ({ mixture: { wide, deep } }: typeof seen) => deep / (wide + deep);
      expect(share(hidden)).toBeGreaterThan(share(open));
    }));

  it('learns from translated sentences what the target language shares with them', () =>
    withEncoder(async ({ out, encoder }) => {
      const pairs = PAIRS.map(([source, target]) => ({ source, target }));
      const report = await trainTagger({ ...options, parts: 'both', out, encoder, translate: { pairs } });
      expect(report.devOfParts.wide).toBeGreaterThan(95);
      expect(await readDescription(out)).toMatchObject({ language: 'en', target: 'es' });
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(95);
    }));
});

describe('given word vectors', () => {
  /** Vectors of words of one meaning are the same in both languages. */
  async function writeVectors(folder: string, language: 'en' | 'es'): Promise<string> {
    const path = join(folder, `${language}.vec`);
    const lines = PAIRS.map(([en, es], i) => {
      const vector = PAIRS.map((_, k) => (i === k ? 1 : 0));
      return [language === 'en' ? en : es, ...vector].join(' ');
    });
    await writeFile(path, `${PAIRS.length} ${PAIRS.length}\n${lines.join('\n')}\n`);
    return path;
  }

  /** Without characters, which are others in each language. */
  const options = { ...OPTIONS, deep: { ...OPTIONS.deep, charHidden: 0 } };

  const both = async (parent: string) => [
    { language: 'en', path: await writeVectors(parent, 'en') },
    { language: 'es', path: await writeVectors(parent, 'es') },
  ];

  it('carry a tagger over without an encoder, and stay as they are', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      await trainTagger({ ...options, out, vectors: await both(parent) });
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(90);
      const description = await readDescription(out);
      expect(description.configuration.deep).toMatchObject({ words: 0, vectors: PAIRS.length });
      expect(description.vectors?.map(({ language }) => language)).toEqual(['en', 'es']);
      await expect(f1(out, SPANISH, 'yo')).rejects.toThrow(
        /the word vectors do not know the language yo; name one of en/,
      );
      const tagger = await loadTagger(out, { threads: 1 });
      expect(tagger.languages).toEqual(['en', 'es']);
      await tagger.dispose();
    }));

  it('stand beside an encoder', () =>
    withEncoder(async ({ parent, out, encoder }) => {
      await trainTagger({ ...OPTIONS, out, encoder, vectors: await both(parent), limits: { epochs: 2 } });
      expect(await f1(out, SPANISH, 'es')).toBeGreaterThan(90);
      expect((await readDescription(out)).configuration.deep).toMatchObject({ vectors: 10, encoder: { layers: 3 } });
    }));

  it('may be in one file for all languages', () =>
    withFolder(async (parent) => {
      const path = join(parent, 'all.vec');
      const [en, es] = await both(parent);
      const lines = async (file: string) => (await readFile(file, 'utf8')).split('\n').slice(1, -1);
      const all = [...(await lines(en!.path)), ...(await lines(es!.path))];
      await writeFile(path, `${all.length} ${PAIRS.length}\n${all.join('\n')}\n`);
      const { language: _, ...unnamed } = options;
      const out = join(parent, 'model');
      await trainTagger({ ...unnamed, out, vectors: [{ path }] });
      expect(await f1(out, SPANISH, 'yo')).toBeGreaterThan(90);
    }));

  it('are refused where they do not fit together', () =>
    withFolder(async (parent) => {
      const [en, es] = await both(parent);
      const narrow = join(parent, 'narrow.vec');
      await writeFile(narrow, '1 2\na 1 2\n');
      const attempt = (vectors: TrainOptions['vectors'], language = 'en') =>
        trainTagger({ ...OPTIONS, language, out: join(parent, 'model'), vectors: vectors! });
      await expect(attempt([en!, { ...en!, path: es!.path }])).rejects.toThrow(/two files of vectors for one language/);
      await expect(attempt([en!, { language: 'es', path: narrow }])).rejects.toThrow(
        /narrow.vec:1:1: the vectors have 2 dimensions/,
      );
      await expect(attempt([es!])).rejects.toThrow(/the word vectors do not know the language en; name one of es/);
      expect(existsSync(join(parent, 'model'))).toBe(false);
    }));
});

describe('dev data of the target language', () => {
  it('choose a model of their own and change nothing in the one that dev chooses', () =>
    withEncoder(async ({ parent, out, encoder }) => {
      const targetOut = join(parent, 'second');
      const alone = await trainTagger({ ...OPTIONS, encoder, out });
      expect(alone.target).toBeUndefined();
      const first = await hash(out);
      const report = await trainTagger({ ...OPTIONS, encoder, out, targetDev: SPANISH, targetOut });
      expect(await hash(out)).toBe(first);
      expect(report.dev).toBe(alone.dev);
      const { targetDev, choice } = report.target!;
      expect(targetDev).toBeCloseTo(await f1(out, SPANISH, 'es'), 6);
      expect(choice.targetDev).toBeCloseTo(await f1(targetOut, SPANISH, 'es'), 6);
      expect(choice.targetDev).toBeGreaterThanOrEqual(targetDev);
      expect(choice.dev).toBeCloseTo(await f1(targetOut, OPTIONS.dev, 'en'), 6);
      expect((await readDescription(out)).metrics.target_dev).toBe(targetDev);
    }));

  it('take the place of dev where there is none', () =>
    withEncoder(async ({ out, encoder }) => {
      const { dev: _, ...options } = OPTIONS;
      const report = await trainTagger({ ...options, encoder, out, targetDev: SPANISH });
      expect(report.target).toBeUndefined();
      expect(report.dev).toBeCloseTo(await f1(out, SPANISH, 'es'), 6);
      expect((await readDescription(out)).data.dev.sentences).toBe(40);
    }));
});
