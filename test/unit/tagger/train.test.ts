// Training as a whole: repeatable, interruptible at any moment, and better with both parts than with one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { removeCheckpoint, writeCheckpoint } from '../../../server/tagger/deep/checkpoint.ts';
import {
  type LabelledSentence,
  loadTagger,
  readDescription,
  type TrainOptions,
  trainTagger,
} from '../../../server/tagger/index.ts';
import { prepareData } from '../../../server/tagger/training-data.ts';
import { InputError } from '../../../server/text/types.ts';
import { SMALL, sentences, withFolder } from './fixtures.ts';

const hash = async (folder: string) => (await readDescription(folder)).weights.sha256;

describe('training', () => {
  it('learns, and the mixture is not below the better part on dev', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      const phases = new Set<string>();
      const report = await trainTagger({ ...SMALL, out, progress: ({ phase }) => phases.add(phase) });
      expect(phases).toEqual(new Set(['wide', 'deep', 'mix', 'save']));
      expect(report.dev).toBeGreaterThanOrEqual(Math.max(report.devOfParts.wide!, report.devOfParts.deep!));
      expect(report.devOfParts.deep).toBeGreaterThan(80);
      expect(report).toMatchObject({ folder: out, stopped: 'epochs', resumed: false });
      expect(report.wordsPerSecond).toBeGreaterThan(0);
      expect(await readdir(parent)).toEqual(['model']);
    }));

  it('is the same bit for bit with the same seed, and another with another seed', () =>
    withFolder(async (parent) => {
      const train = async (name: string, seed: number) => {
        const out = join(parent, name);
        await trainTagger({ ...SMALL, parts: 'deep', out, seed, limits: { epochs: 2 } });
        return hash(out);
      };
      const first = await train('a', 1);
      expect(await train('b', 1)).toBe(first);
      expect(await train('c', 2)).not.toBe(first);
    }));

  it('holds out a seeded tenth where there is no dev data', () =>
    withFolder(async (parent) => {
      const { dev: _, ...options } = SMALL;
      const train = async (name: string, seed: number) => {
        await trainTagger({ ...options, parts: 'wide', out: join(parent, name), seed });
        return (await readDescription(join(parent, name))).data;
      };
      const data = await train('a', 1);
      expect(data).toMatchObject({ train: { sentences: 54 }, dev: { sentences: 6 } });
      expect(await train('b', 1)).toEqual(data);
      expect((await train('c', 2)).dev.sha256).not.toBe(data.dev.sha256);
      const one = { ...options, train: sentences(1, 1), parts: 'wide' as const, out: join(parent, 'one') };
      expect((await trainTagger(one)).dev).toBeGreaterThan(0);
    }));

  it.each([1, 2, 3])('holds out all copies of a sentence or none, seed %i', (seed) => {
    const train = sentences(60, 1).flatMap((sentence, i) => Array(1 + (i % 3)).fill(sentence) as LabelledSentence[]);
    const data = prepareData({ task: 'ner', train, parts: 'wide', out: '', seed }, undefined);
    const learnt = new Set(data.train.map(({ words }) => words.join(' ')));
    expect(data.dev.some(({ words }) => learnt.has(words.join(' ')))).toBe(false);
    expect(data.train.length + data.dev.length).toBe(train.length);
    const copies = { task: 'ner' as const, train: train.slice(1, 3), parts: 'wide' as const, out: '', seed };
    const one = prepareData(copies, undefined);
    expect(one.dev).toEqual(one.train);
  });

  it('learns the sentences that have chosen it, too, where they are held back from those to learn from', () =>
    withFolder(async (parent) => {
      // Only who has read a word knows what it is
      const train = Array.from({ length: 40 }, (_, i) => ({
        words: ['በ', `${(i * 7919) % 1000}`, 'ነው'],
        tags: ['O', (i * 31) % 7 < 3 ? 'B-LOC' : 'B-PER', 'O'],
      }));
      const wrong = async (name: string, options: Partial<TrainOptions>) => {
        const out = join(parent, name);
        await trainTagger({ task: 'ner', parts: 'wide', train, ...options, out });
        const tagger = await loadTagger(out, { threads: 1 });
        const found = await tagger.tag(
          train.map(({ words }) => words),
          { marginals: false },
        );
        await tagger.dispose();
        return found.filter(({ tags }, i) => tags[1] !== train[i]!.tags[1]).length;
      };
      const [dev, rest] = [train.slice(0, 8), train.slice(8)];
      expect(await wrong('tenth', {})).toBe(0);
      expect(await wrong('others', { train: rest, dev })).toBeGreaterThan(0);
      expect(await wrong('own', { train: rest, dev, ownDev: true })).toBe(0);
      expect(await wrong('own of the target', { train: rest, targetDev: dev, ownDev: true })).toBe(0);
    }));

  it('knows a label that only a sentence bears that is held back, and learns it at last', () =>
    withFolder(async (out) => {
      const train = Array.from({ length: 20 }, (_, i) => ({
        words: ['በ', `ከተማ${i}`],
        tags: ['O', i === 7 ? 'B-ORG' : 'B-LOC'],
      }));
      const options = { task: 'ner' as const, parts: 'wide' as const, train, out: join(out, 'model') };
      const isHeldBack = (seed: number) => prepareData({ ...options, seed }, undefined).dev.includes(train[7]!);
      const seed = Array.from({ length: 100 }, (_, i) => i + 1).find(isHeldBack)!;
      await trainTagger({ ...options, seed });
      const tagger = await loadTagger(options.out, { threads: 1 });
      const [found] = await tagger.tag([train[7]!.words], { marginals: false });
      await tagger.dispose();
      expect(found!.tags).toEqual(['O', 'B-ORG']);
    }));

  it('learns from half-labelled sentences', () =>
    withFolder(async (parent) => {
      const half = sentences(120, 1).map(({ words, tags }, s) => ({
        words,
        tags: tags.map((tag, i) => ((s + i) % 2 === 0 ? tag : undefined)),
      }));
      const report = await trainTagger({ ...SMALL, train: half, out: join(parent, 'model') });
      expect(report.devOfParts.wide).toBeGreaterThan(90);
      expect(report.devOfParts.deep).toBeGreaterThan(60);
    }));

  it('learns from sentences in which nothing but names was decided', () =>
    withFolder(async (folder) => {
      const names = SMALL.train.map(({ words, tags }) => ({
        words,
        tags: tags.map((tag) => (tag === 'O' ? undefined : tag)),
      }));
      const report = await trainTagger({ ...SMALL, parts: 'wide', train: names, out: folder });
      expect(report.dev).toBeGreaterThan(80);
    }));

  it('writes down how much its sentences count, where one counts otherwise than once', () =>
    withFolder(async (parent) => {
      const train = async (name: string, weight: (i: number) => number) => {
        const weighted = SMALL.train.map((each, i) => ({ ...each, weight: weight(i) }));
        await trainTagger({ ...SMALL, train: weighted, parts: 'wide', out: join(parent, name) });
        return (await readDescription(join(parent, name))).data.train;
      };
      await trainTagger({ ...SMALL, parts: 'wide', out: join(parent, 'plain') });
      const plain = (await readDescription(join(parent, 'plain'))).data.train;
      expect(await train('ones', () => 1)).toEqual(plain);
      expect(await hash(join(parent, 'ones'))).toBe(await hash(join(parent, 'plain')));
      const data = await train('weighted', (i) => (i < 20 ? 5 : 0.5));
      const weights = [
        { weight: 0.5, sentences: 40 },
        { weight: 5, sentences: 20 },
      ];
      expect(data).toMatchObject({ sentences: 60, weights });
      expect(data.sha256).not.toBe(plain.sha256);
      for (const bad of [0, -1, Number.NaN, Infinity])
        await expect(train('bad', () => bad)).rejects.toThrow(RangeError);
      expect(existsSync(join(parent, 'bad'))).toBe(false);
    }));

  it('takes parts of speech', () =>
    withFolder(async (parent) => {
      const pos = (seed: number) =>
        sentences(40, seed).map(({ words, tags }) => ({ words, tags: tags.map((t) => (t === 'O' ? 'X' : 'PROPN')) }));
      const options = { ...SMALL, task: 'pos' as const, train: pos(1), dev: pos(2), out: join(parent, 'model') };
      const report = await trainTagger(options);
      expect(report.dev).toBeGreaterThan(90);
      const tagger = await loadTagger(report.folder);
      expect(tagger).toMatchObject({ task: 'pos', scheme: 'pos', tags: ['PROPN', 'X'] });
      await tagger.dispose();
    }));

  it('refuses data without a label and unknown engines, and leaves nothing behind', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      const blank = sentences(5, 1).map(({ words, tags }) => ({ words, tags: tags.map(() => undefined) }));
      const attempt = (options: Partial<TrainOptions>) => trainTagger({ ...SMALL, out, ...options });
      await expect(attempt({ train: blank })).rejects.toThrow(/^training data: no sentence has a label; label some/);
      await expect(attempt({ dev: blank })).rejects.toThrow(/^dev data: no sentence has a label/);
      await expect(attempt({ engine: 'abacus' })).rejects.toThrow(InputError);
      expect(await readdir(parent)).toEqual([]);
    }));
});

describe("what lies where a training's checkpoint goes", () => {
  /** What the folder `<out>.training` holds after the attempt to train. */
  const attempt = async (files: Readonly<Record<string, string>>, options: Partial<TrainOptions> = {}) =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      await mkdir(`${out}.training`);
      for (const [name, text] of Object.entries(files)) await writeFile(join(`${out}.training`, name), text);
      const error = await trainTagger({ ...SMALL, out, limits: { epochs: 1 }, ...options }).catch((e: Error) => e);
      const left: Record<string, string> = {};
      for (const name of await readdir(`${out}.training`).catch(() => []))
        left[name] = await readFile(join(`${out}.training`, name), 'utf8');
      return { error, left, trained: existsSync(out) };
    });

  it.each([
    ['a folder of the user', { 'notes.txt': 'ማስታወሻ' }],
    ["a pre-training's checkpoint", { 'training.json': '{"fingerprint":"a","corpora":[]}', 'log.jsonl': '{}' }],
    ['a damaged one', { 'training.json': '{"fingerpr', 'state.safetensors': '' }],
  ])('is left alone and said: %s', async (_, files) => {
    const { error, left, trained } = await attempt(files as Record<string, string>, { checkpointSeconds: 0 });
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      /model\.training: this is not the checkpoint of a tagger's training; name/,
    );
    expect(left).toEqual(files);
    expect(trained).toBe(false);
  });

  it('does not matter to a training without a deep part', async () => {
    const files = { 'notes.txt': 'ማስታወሻ' };
    const { left, trained } = await attempt(files, { parts: 'wide' });
    expect({ left, trained }).toEqual({ left: files, trained: true });
  });

  it('is looked at again before it is replaced or removed', () =>
    withFolder(async (parent) => {
      const folder = join(parent, 'model.training');
      await mkdir(folder);
      await writeFile(join(folder, 'notes.txt'), 'ማስታወሻ');
      const position = { step: 1, epoch: 1, batch: 1, judges: [], seconds: 1 };
      await expect(writeCheckpoint(folder, 'a', { position, state: {}, best: [] })).rejects.toThrow(InputError);
      await expect(removeCheckpoint(folder)).rejects.toThrow(InputError);
      expect(await readdir(folder)).toEqual(['notes.txt']);
    }));
});

describe('an interrupted training', () => {
  const options = { ...SMALL, parts: 'deep' as const, limits: { epochs: 3 } };

  it.each([1, 14, 15, 31, 45])('aborted after step %i goes on to the same model', (after) =>
    withFolder(async (parent) => {
      const whole = join(parent, 'whole');
      const out = join(parent, 'model');
      await trainTagger({ ...options, out: whole });
      const controller = new AbortController();
      const progress: TrainOptions['progress'] = ({ phase, step }) => {
        if (phase === 'deep' && step === after) controller.abort(new Error('enough'));
      };
      await expect(trainTagger({ ...options, out, progress, signal: controller.signal })).rejects.toThrow('enough');
      expect(existsSync(out)).toBe(false);
      expect((await trainTagger({ ...options, out })).resumed).toBe(true);
      expect(await hash(out)).toBe(await hash(whole));
      expect((await readdir(parent)).sort()).toEqual(['model', 'whole']);
    }),
  );

  it('goes on with other threads', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      const controller = new AbortController();
      const progress: TrainOptions['progress'] = ({ step }) => step === 20 && controller.abort();
      const first = trainTagger({ ...options, threads: 1, out, progress, signal: controller.signal });
      await expect(first).rejects.toThrow();
      expect((await trainTagger({ ...options, threads: 2, out })).resumed).toBe(true);
    }));

  it('does not go on with other data or weights, another seed or a damaged checkpoint', () =>
    withFolder(async (parent) => {
      const out = join(parent, 'model');
      const interrupt = async (more: Partial<TrainOptions>) => {
        const controller = new AbortController();
        const progress: TrainOptions['progress'] = ({ step }) => step === 20 && controller.abort();
        await trainTagger({ ...options, ...more, out, progress, signal: controller.signal }).catch(() => undefined);
        expect(existsSync(`${out}.training`)).toBe(true);
      };
      await interrupt({});
      const told: string[] = [];
      expect((await trainTagger({ ...options, seed: 2, out, warn: (message) => told.push(message) })).resumed).toBe(
        false,
      );
      expect(told).toEqual([
        expect.stringMatching(
          /model\.training: an unfinished training on other data or with other settings is there \(step \d+, epoch \d+\); training begins anew, and takes its place$/,
        ),
      ]);
      await interrupt({ seed: 3 });
      expect((await trainTagger({ ...options, train: sentences(61, 1), seed: 3, out })).resumed).toBe(false);
      await interrupt({});
      const heavy = SMALL.train.map((each) => ({ ...each, weight: 2 }));
      expect((await trainTagger({ ...options, train: heavy, out })).resumed).toBe(false);
      await interrupt({});
      const damaged = join(`${out}.training`, 'state.safetensors');
      const bytes = await readFile(damaged);
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(damaged, bytes);
      const warnings: string[] = [];
      const warn = (message: string) => warnings.push(message);
      expect((await trainTagger({ ...options, out, warn })).resumed).toBe(false);
      const what = 'the checkpoint is damaged (state.safetensors); training begins anew';
      expect(warnings).toEqual([`${out}.training: ${what}`]);
    }));

  it('killed at any moment (kill -9) goes on to the same model', () =>
    withFolder(async (parent) => {
      const whole = join(parent, 'whole');
      const out = join(parent, 'model');
      await trainTagger({ ...options, out: whole });
      const child = await bundledChild(parent);
      let kills = 0;
      for (let steps = 7; !existsSync(out); steps += 7) {
        const code = await runUntil(child, out, steps);
        if (code !== 0) kills++;
        expect(kills).toBeLessThan(20);
      }
      expect(kills).toBeGreaterThan(2);
      expect(await hash(out)).toBe(await hash(whole));
      expect((await readdir(parent)).filter((name) => name.includes('model'))).toEqual(['model']);
    }));
});

/** A program that trains with the options of this file, says each step and writes a checkpoint after each. */
async function bundledChild(folder: string): Promise<string> {
  const file = join(folder, 'child.cjs');
  const here = resolve('test/unit/tagger');
  await build({
    stdin: {
      contents: `
        import { trainTagger } from '../../../server/tagger/index.ts';
        import { SMALL } from './fixtures.ts';
        const progress = ({ phase, step }) => phase === 'deep' && process.stdout.write(step + '\\n');
        const options = { ...SMALL, parts: 'deep', limits: { epochs: 3 }, checkpointSeconds: 0, progress };
        trainTagger({ ...options, out: process.argv[2] });`,
      resolveDir: here,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
    mainFields: ['module', 'main'],
    define: { 'import.meta.url': '__here' },
    banner: { js: `const __here = ${JSON.stringify(`file://${join(here, 'child.cjs')}`)};` },
    outfile: file,
    logLevel: 'error',
  });
  return file;
}

/** Runs the child and kills it when it has said `steps` steps. @returns its exit code; null when it was killed */
async function runUntil(file: string, out: string, steps: number): Promise<number | null> {
  const env = { ...process.env, NODE_PATH: resolve('node_modules') };
  const child = spawn(process.execPath, [file, out], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text.split('\n').length - 1;
    if (said >= steps) child.kill('SIGKILL');
  });
  return new Promise((done) => child.on('close', done));
}
