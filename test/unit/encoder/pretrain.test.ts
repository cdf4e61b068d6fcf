// Pre-training on real text: it learns, it can be stopped anywhere, and what it writes is a whole encoder or nothing.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encoderConfig } from '../../../server/encoder/config.ts';
import { evaluationPrograms } from '../../../server/encoder/evaluate.ts';
import { readEncoder } from '../../../server/encoder/folder.ts';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import type { PretrainOptions, PretrainProgress } from '../../../server/encoder/types.ts';
import { describePretraining } from '../../../server/features/pretraining-line.ts';
import { tinyDisk } from '../tiny-disk.ts';
import { interrupt, pretrainingFolder, writeCorpora } from './small-pretrainings.ts';

const { folder, texts, file, optionsFor } = pretrainingFolder('pretrain');
/** Room for the encoders of this file, and not for their checkpoints, which are three times as large. */
const disk = tinyDisk(folder, 160);
const weightsOf = (out: string) => readFileSync(join(folder, out, 'weights.safetensors'));
/** The log of an encoder without its times. */
const logOf = (out: string) =>
  readFileSync(join(folder, out, 'log.jsonl'), 'utf8').replace(/"seconds":[\d.]+/g, '"seconds":0');

/** A clock that goes on by itself and by what it is given, in milliseconds. */
function movedClock(): (milliseconds: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  return (milliseconds) => {
    ahead += milliseconds;
  };
}

afterEach(() => vi.restoreAllMocks());

describe('pre-training', () => {
  it('lowers perplexity and the distance of the languages on real text', async () => {
    const options = optionsFor('learns', { limits: { steps: 150 } });
    const report = await pretrainEncoder(options);
    expect(report.steps).toBe(150);
    expect(report.stopped).toBe('steps');
    // A model that knows nothing has the perplexity of the vocabulary.
    for (const { forward, backward } of Object.values(report.perplexity)) {
      expect(forward).toBeLessThan(150);
      expect(backward).toBeLessThan(150);
    }
    const log = readFileSync(join(options.out, 'log.jsonl'), 'utf8').trimEnd().split('\n');
    const lines = log.map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.at(-1).perplexity).toBeDefined();
    expect(lines.at(-1).alignment['average linkage']).toBeLessThan(lines[0].alignment['average linkage']);
    expect(readdirSync(folder).filter((name) => name.startsWith('learns'))).toEqual(['learns']);
  });

  const templates: [PretrainOptions['template'], PretrainOptions['alignment'], string[]][] = [
    ['emb_iden', {}, ['identical strings']],
    ['layer_mv', {}, ['mean and variance']],
    ['layer_avl', { distance: 'cosine' }, ['average linkage']],
    ['layer_avl', { adversarial: 0.5 }, ['average linkage', 'discriminator']],
    ['layer_avl', { adversarial: 0.5, adversary: 'entropy' }, ['average linkage', 'discriminator']],
    ['none', {}, []],
  ];
  it.each(templates)('aligns by the template %s %o', async (template, alignment, losses) => {
    const report = await pretrainEncoder(
      optionsFor(`template-${template}`, { template, alignment, limits: { steps: 3 } }),
    );
    expect(Object.keys(report.alignment).sort()).toEqual(losses);
  });

  it('lets a discriminator count in a short training too, and says where it may not', async () => {
    const warnings: string[] = [];
    const weights = async (adversarial: number, limits: PretrainOptions['limits']) => {
      const options = optionsFor(`adversary-${adversarial}`, { alignment: { adversarial }, limits });
      await pretrainEncoder({ ...options, warn: (message) => warnings.push(message) });
      return weightsOf(`adversary-${adversarial}`);
    };
    expect((await weights(50, { steps: 12 })).equals(await weights(1e-6, { steps: 12 }))).toBe(false);
    expect(warnings).toEqual([]);
    await weights(1, { minutes: 0.001 });
    expect(warnings).toEqual([expect.stringMatching(/^the discriminator counts from step 5,000 on, .* --steps too$/)]);
  });

  it('confuses the discriminator by the entropy of what it says, too', async () => {
    const weights = async (adversary: 'reversal' | 'entropy') => {
      const alignment = { adversarial: 50, adversary };
      await pretrainEncoder(optionsFor(`by-${adversary}`, { alignment }));
      return weightsOf(`by-${adversary}`);
    };
    expect((await weights('entropy')).equals(await weights('reversal'))).toBe(false);
    // What is the default may be said or not: it is the same training
    const said = optionsFor('said', { alignment: { adversarial: 50, adversary: 'reversal' } });
    await interrupt(said, 3);
    expect((await pretrainEncoder({ ...said, alignment: { adversarial: 50 } })).resumed).toBe(true);
    const useless = optionsFor('useless', { alignment: { adversary: 'entropy' } });
    await expect(pretrainEncoder(useless)).rejects.toThrow('adversary is of no use where adversarial is 0');
  });

  it('lets a language count more often, and goes on with the same weights alone', async () => {
    const heavy = texts.map((text) => (text.language === 'wo' ? { ...text, weight: 4 } : text));
    const options = optionsFor('heavy', { texts: heavy });
    await interrupt(options, 3);
    for (const others of [texts, texts.map((text) => ({ ...text, weight: 4 }))]) {
      await expect(pretrainEncoder({ ...options, texts: others })).rejects.toThrow(/different: weights of languages\)/);
    }
    await pretrainEncoder(options);
    const { languages } = JSON.parse(readFileSync(join(options.out, 'encoder.json'), 'utf8'));
    expect(languages.map(({ weight }: { weight?: number }) => weight)).toEqual([undefined, 4]);
    await pretrainEncoder(optionsFor('light'));
    expect(weightsOf('heavy').equals(weightsOf('light'))).toBe(false);
  });

  it('gives the same weights and log, bit for bit, with and without interruptions, and with the same seed', async () => {
    const straight = await pretrainEncoder(optionsFor('straight'));
    expect(straight.resumed).toBe(false);
    const options = optionsFor('interrupted');
    await interrupt(options, 3);
    await interrupt(options, 8);
    expect(readdirSync(folder)).toContain('interrupted.training');
    expect(readdirSync(folder)).not.toContain('interrupted');
    const report = await pretrainEncoder(options);
    expect(report.resumed).toBe(true);
    expect(report.words).toBe(straight.words);
    expect(weightsOf('interrupted').equals(weightsOf('straight'))).toBe(true);
    expect(logOf('interrupted')).toBe(logOf('straight'));
    expect(readdirSync(folder)).not.toContain('interrupted.training');
    await pretrainEncoder(optionsFor('other-seed', { seed: 2 }));
    expect(weightsOf('other-seed').equals(weightsOf('straight'))).toBe(false);
  });

  it('measures and logs the same where it was interrupted while it measured', async () => {
    const short = { layers: 1, hidden: 8, filter: 8, heads: 1, vocabulary: 50, negatives: 8, batchWords: 40 };
    const optionsOf = (out: string) => {
      const options = optionsFor(out, { limits: { steps: 1050 } });
      return { ...options, config: { ...options.config, ...short, maxLength: 20 } };
    };
    const straight = await pretrainEncoder(optionsOf('measured'));
    const options = optionsOf('unmeasured');
    for (const at of [1000, 1050]) {
      const controller = new AbortController();
      const progress = ({ step, phase }: PretrainProgress) => step === at && phase === 'evaluate' && controller.abort();
      await expect(pretrainEncoder({ ...options, signal: controller.signal, progress })).rejects.toThrow();
    }
    expect((await pretrainEncoder(options)).perplexity).toEqual(straight.perplexity);
    expect(logOf('unmeasured')).toBe(logOf('measured'));
  });

  it('does not count large texts again: what took minutes is kept before the first step', async () => {
    const options = optionsFor('kept');
    const clock = vi.spyOn(performance, 'now');
    const now = performance.now();
    try {
      // As if the counting took an hour, and the process died in the first step
      const progress = ({ phase }: PretrainProgress) => {
        if (phase === 'read') clock.mockImplementation(() => now + 3.6e6);
        if (phase === 'train') throw new Error('killed');
      };
      await expect(pretrainEncoder({ ...options, progress })).rejects.toThrow('killed');
    } finally {
      clock.mockRestore();
    }
    const told: PretrainProgress['phase'][] = [];
    const report = await pretrainEncoder({ ...options, progress: ({ phase }) => void told.push(phase) });
    expect([report.resumed, told.includes('vocabulary')]).toEqual([true, false]);
    expect(weightsOf('kept').equals(weightsOf('straight'))).toBe(true);
  });

  it('counts no long text again that was counted when it was interrupted', async () => {
    const forward = movedClock();
    const options = optionsFor('counting');
    const counts = async (more: Partial<PretrainOptions>) => {
      const told: number[] = [];
      const progress = (now: PretrainProgress) => {
        if (now.phase === 'vocabulary') told.push(now.counted);
        forward(20_000);
        more.progress?.(now);
      };
      await pretrainEncoder({ ...options, ...more, progress }).catch((error: Error) =>
        expect(error.name).toBe('AbortError'),
      );
      return told;
    };
    // Each corpus is one block, after which its count is told
    const controller = new AbortController();
    const stop = ({ phase, counted }: PretrainProgress) => phase === 'vocabulary' && counted > 0 && controller.abort();
    expect(await counts({ signal: controller.signal, progress: stop })).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('counting'))).toEqual(['counting.pt.unfinished']);
    utimesSync(texts[1]!.path, new Date(), new Date());
    expect(await counts({})).toEqual([1]);
    expect(weightsOf('counting').equals(weightsOf('straight'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('counting'))).toEqual(['counting']);
  });

  it.skipIf(disk === undefined)('goes on where a checkpoint does not fit on the disk, and says so', async () => {
    const options = optionsFor(join('tiny', 'out'));
    const forward = movedClock();
    const warnings: string[] = [];
    // Every other step a checkpoint is due
    await pretrainEncoder({ ...options, progress: () => forward(100_000), warn: (message) => warnings.push(message) });
    expect(warnings.length).toBeGreaterThan(2);
    expect(warnings[0]).toMatch(
      /out\.training: the disk is full; .*; training goes on without this checkpoint, and tries/,
    );
    expect(weightsOf(join('tiny', 'out')).equals(weightsOf('straight'))).toBe(true);
  });

  it('keeps all that was learnt where the encoder cannot be written', async () => {
    const options = optionsFor('taken');
    const progress = ({ phase }: PretrainProgress) => {
      if (phase !== 'save') return;
      mkdirSync(options.out);
      writeFileSync(join(options.out, 'thesis.txt'), 'years of work');
    };
    await expect(pretrainEncoder({ ...options, progress })).rejects.toThrow(/something else than an encoder/);
    rmSync(options.out, { recursive: true });
    expect((await pretrainEncoder({ ...options, limits: { steps: 12 } })).resumed).toBe(true);
    expect(weightsOf('taken').equals(weightsOf('straight'))).toBe(true);
  });

  it('tells how far the counting of words is, over all texts', async () => {
    const told: PretrainProgress[] = [];
    await pretrainEncoder(optionsFor('counted', { limits: { steps: 1 }, progress: (now) => void told.push(now) }));
    const counting = told.filter(({ phase }) => phase === 'vocabulary');
    const [first, last] = [counting[0]!, counting.at(-1)!];
    expect(first.counted).toBeGreaterThan(0);
    expect(first.counted).toBeLessThan(1);
    expect(first.eta).toBeGreaterThan(0);
    expect(describePretraining(first)).toEqual({
      done: 0,
      message: expect.stringMatching(/^counting words, [1-9]\d?%, [\d,]+ words\/s, \d+ s left$/),
    });
    expect(last).toMatchObject({ counted: 1, eta: 0 });
    expect(told.filter(({ counted }) => counted < 1).every(({ phase }) => phase === 'vocabulary')).toBe(true);
  });

  it('warns of sentences of a length that another language lacks, and holds out none that is needed', async () => {
    const [pt, wo] = texts as [PretrainOptions['texts'][0], PretrainOptions['texts'][0]];
    const cut = (path: string, keep: (words: number) => boolean) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => keep(line.split(' ').length));
    const long = cut(pt.path, (words) => words >= 12);
    const short = cut(pt.path, (words) => words < 10).slice(0, 20);
    const uneven = [
      { language: 'pt', path: file('uneven.pt.txt', [...long, ...short].join('\n')) },
      { language: 'wo', path: file('uneven.wo.txt', cut(wo.path, (words) => words < 10).join('\n')) },
    ];
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const report = await pretrainEncoder(optionsFor('uneven', { texts: uneven, warn, limits: { steps: 3 } }));
    expect(report.steps).toBe(3);
    expect(warnings).toEqual([
      expect.stringMatching(
        /uneven\.pt\.txt: \d+% of the sentences of pt are of a length that all languages have, and others are not learnt; /,
      ),
    ]);
  });

  it('stops where it has diverged, in one clear message', async () => {
    const large = file('large.vec', `1 16\nde ${'1e30 '.repeat(16)}\n`);
    const vectors = [{ language: 'pt', path: large }];
    await expect(pretrainEncoder(optionsFor('diverged', { template: 'winit_layer_avl', vectors }))).rejects.toThrow(
      /large\.vec: the gradient of step 1 is no number: the training has diverged; scale the given vectors/,
    );
    expect(readdirSync(folder)).not.toContain('diverged');
  });

  it('measures perplexity in batches that are no larger than those of training', () => {
    const config = encoderConfig('small', 'layer_avl', false);
    for (const vocabulary of [35, 500, 50_000]) {
      for (const name of Object.keys(evaluationPrograms(config, 'forward', [vocabulary]))) {
        const [, sentences, time] = /(\d+)x(\d+)$/.exec(name)!.map(Number);
        expect(sentences! * time!, name).toBeLessThanOrEqual(Math.max(config.batchWords, time!));
      }
    }
  });

  it('goes on with copies of its texts that lie elsewhere', async () => {
    const options = optionsFor('moved');
    await interrupt(options, 5);
    const moved = mkdtempSync(join(folder, 'elsewhere-'));
    const copies = options.texts.map(({ language, path }) => {
      const copy = join(moved, basename(path));
      copyFileSync(path, copy);
      utimesSync(copy, new Date(1e9), new Date(1e9));
      return { language, path: copy };
    });
    expect((await pretrainEncoder({ ...options, texts: copies })).resumed).toBe(true);
    expect(weightsOf('moved').equals(weightsOf('straight'))).toBe(true);
  });

  it('does not throw away an unfinished pre-training with other settings', async () => {
    const options = optionsFor('unfinished');
    await interrupt(options, 3);
    const other = { ...options, seed: 5 };
    await expect(pretrainEncoder(other)).rejects.toThrow(
      /unfinished pre-training with other settings is there \(3 steps; different: seed\); .* remove this folder/,
    );
    expect((await pretrainEncoder(options)).resumed).toBe(true);
  });

  it('does not throw away a damaged checkpoint, nor one that cannot be read', async () => {
    const options = optionsFor('damaged');
    await interrupt(options, 3);
    const part = (name: string) => join(folder, 'damaged.training', name);
    const spoil = async (name: string, change: (path: string) => void, message: RegExp) => {
      const good = readFileSync(part(name));
      change(part(name));
      await expect(pretrainEncoder(options)).rejects.toThrow(message);
      rmSync(part(name), { force: true });
      writeFileSync(part(name), good);
    };
    const inHalf = (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 1000));
    const inOneBit = (path: string) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
    };
    const damaged = (name: string) =>
      new RegExp(
        `damaged\\.training: the checkpoint is damaged \\(${name}\\); remove this folder to begin anew, or rest`,
      );
    await spoil('state.safetensors', inHalf, damaged('state.safetensors'));
    await spoil('state.safetensors', inOneBit, damaged('state.safetensors'));
    await spoil('vocabulary.0.txt', inOneBit, damaged('vocabulary.0.txt'));
    await spoil('training.json', inHalf, damaged('training.json'));
    await spoil('log.jsonl', (path) => rmSync(path), damaged('log.jsonl'));
    const circle = (path: string) => {
      rmSync(path);
      symlinkSync(path, path);
    };
    await spoil('state.safetensors', circle, /^ELOOP/);
    expect((await pretrainEncoder(options)).resumed).toBe(true);
  });

  it('goes on from a finished encoder, with its vocabulary', async () => {
    const options = optionsFor('further');
    await pretrainEncoder(options);
    const before = weightsOf('further');
    const vocabulary = readFileSync(join(options.out, 'vocabulary.pt.txt'), 'utf8');
    const described = () => JSON.parse(readFileSync(join(options.out, 'encoder.json'), 'utf8'));
    const first = described();
    const report = await pretrainEncoder({ ...options, from: options.out, limits: { steps: 4 } });
    expect(weightsOf('further').equals(before)).toBe(false);
    // What it had learnt before is told as well, and the curves go on
    const { metrics, languages } = described();
    expect([report.steps, metrics.steps]).toEqual([first.metrics.steps + 4, first.metrics.steps + 4]);
    expect(report.words).toBeGreaterThan(first.metrics.words);
    expect(metrics).toMatchObject({ words: report.words });
    expect(languages).toEqual(first.languages);
    const log = readFileSync(join(options.out, 'log.jsonl'), 'utf8').trimEnd().split('\n');
    expect(log.map((line) => JSON.parse(line).step)).toEqual([first.metrics.steps, metrics.steps]);
    expect(readFileSync(join(options.out, 'vocabulary.pt.txt'), 'utf8')).toBe(vocabulary);
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    await pretrainEncoder({ ...options, template: 'layer_mv', warn, from: options.out, limits: { steps: 1 } });
    expect(warnings).toEqual([
      expect.stringMatching(/further: it was aligned by layer_avl, and is trained further with layer_mv$/),
    ]);
    const heavy = texts.map((text) => ({ ...text, weight: 2 }));
    await pretrainEncoder({
      ...options,
      template: 'layer_mv',
      texts: heavy,
      warn,
      from: options.out,
      limits: { steps: 1 },
    });
    expect(warnings.at(-1)).toMatch(
      /further: it is trained further with other weights, of the alignment or of languages/,
    );
    const swapped = { ...options, texts: [texts[1]!, texts[0]!], from: options.out };
    await expect(pretrainEncoder(swapped)).rejects.toThrow(/was trained on pt, wo; name the same languages/);
    const vectors = [{ language: 'pt', path: file('late.vec', `1 16\nde ${'0.5 '.repeat(16)}\n`) }];
    await expect(pretrainEncoder({ ...options, vectors, from: options.out })).rejects.toThrow(
      /late\.vec: vectors are what a new encoder starts from.*; leave out --vectors/,
    );
  });

  it('goes on in the texts too, and measures what it never learnt', async () => {
    const options = optionsFor('on');
    const position = () => JSON.parse(readFileSync(join(folder, 'on.training', 'training.json'), 'utf8')).position;
    await interrupt(options, 2);
    const { held } = position();
    await pretrainEncoder(options);
    const { batches } = JSON.parse(readFileSync(join(options.out, 'encoder.json'), 'utf8'));
    const warnings: string[] = [];
    const further = { ...options, seed: 7, from: options.out, warn: (message: string) => warnings.push(message) };
    await interrupt(further, 2);
    expect(position().batches.step).toBeGreaterThanOrEqual(batches.step + 2);
    expect(position().held).toEqual(held);
    expect(warnings).toEqual([]);
    // Also a third time: they are still those that the first training drew
    await pretrainEncoder(further);
    const third = { ...further, seed: 8 };
    await interrupt(third, 2);
    expect(position().held).toEqual(held);
    rmSync(join(folder, 'on.training'), { recursive: true });
    const longer = mkdtempSync(join(folder, 'longer-'));
    await pretrainEncoder({ ...further, texts: writeCorpora(longer, 700), limits: { steps: 1 } });
    expect(warnings).toEqual([
      'the texts are not those that the encoder was trained on before: perplexity may be measured on sentences that it has learnt',
    ]);
  });

  it('holds out a tenth of a small corpus at most, and learns from the rest in every step', async () => {
    const small = mkdtempSync(join(folder, 'small-'));
    const options = optionsFor('small', { texts: writeCorpora(small, 120), limits: { steps: 30 } });
    await interrupt(options, 2);
    const { position } = JSON.parse(readFileSync(join(folder, 'small.training', 'training.json'), 'utf8'));
    for (const held of position.held as number[][][]) {
      expect(held.length).toBeGreaterThan(5);
      expect(held.length).toBeLessThanOrEqual(12);
      expect(new Set(held.map((ids) => ids.join(' '))).size).toBe(held.length);
    }
    expect((await pretrainEncoder(options)).words).toBeGreaterThan(30 * 100);
    const log = readFileSync(join(options.out, 'log.jsonl'), 'utf8').trimEnd().split('\n');
    expect(log.map((line) => JSON.parse(line).step)).toContain(30);
  });

  it('pulls the words of a list together', async () => {
    const words = (language: string) =>
      readFileSync(join(folder, 'straight', `vocabulary.${language}.txt`), 'utf8')
        .split('\n')
        .slice(30, 60);
    const [pt, wo] = [words('pt'), words('wo')];
    // Through `wo[0]` two words of one language would be pulled together: the second one is left out.
    const many = [`${pt[0]} ${wo[1]}`, `${pt[1]} ${wo[0]}`];
    const pairs = file('list.txt', [...many, ...pt.map((word, i) => `${word} ${wo[i]}`)].join('\n'));
    const alone = { template: 'layer_avl' as const, alignment: { linkage: 0 } };
    const report = await pretrainEncoder(optionsFor('list', { ...alone, pairs, limits: { steps: 20 } }));
    // Of random vectors of length 1 the mean distance is the root of 2, times 10.
    expect(report.alignment['word list']).toBeLessThan(6);
    const encoder = JSON.parse(readFileSync(join(folder, 'list', 'encoder.json'), 'utf8'));
    expect(encoder.pairs).toBe(29);
  });

  it('says how much of a word list and of vectors is used, and of a list that fits better the other way round', async () => {
    const [notes, warnings]: [string[], string[]] = [[], []];
    const said = { note: (text: string) => notes.push(text), warn: (text: string) => warnings.push(text) };
    const pairs = ['de ci', 'e ak', 'o bi', 'xyzzy plugh'];
    const vectors = [
      { language: 'pt', path: file('two.vec', `2 16\n${['de', 'o'].map((w) => w + ' 0.5'.repeat(16)).join('\n')}\n`) },
    ];
    const run = (out: string, list: string[]) => {
      const given = file(`${out}.txt`, list.join('\n'));
      return pretrainEncoder(optionsFor(out, { ...said, pairs: given, vectors, limits: { steps: 1 } }));
    };
    await run('used', pairs);
    expect(notes).toContain('3 of the 4 pairs of the word list are used');
    expect(notes).toContainEqual(expect.stringMatching(/^2 of the \d+ words of pt start with a given vector$/));
    expect(warnings).toEqual([]);
    const turned = pairs.map((pair) => pair.split(' ').reverse().join(' '));
    await run('turned', [...turned, 'de ci']);
    expect(warnings).toEqual([
      expect.stringMatching(/turned\.txt: more of its pairs fit in the other order: write the/),
    ]);
  });

  it('starts from given vectors and leaves them alone until they are released, in a later training too', async () => {
    const given = `3 16\nde ${'0.5 '.repeat(15)}0.25\n`;
    const vectors = [{ language: 'pt', path: file('pt.vec', given) }];
    const { config } = optionsFor('given');
    const notes: string[] = [];
    const options = optionsFor('given', {
      ...{ template: 'winit_layer_avl', vectors, config: { ...config!, release: [20, 30] } },
      note: (message) => notes.push(message),
    });
    const described = () => JSON.parse(readFileSync(join(folder, 'given', 'encoder.json'), 'utf8')).languages;
    const row = Buffer.from(Float32Array.from([...Array<number>(15).fill(0.5), 0.25]).buffer);
    await pretrainEncoder(options);
    expect(notes).toContain('the given vectors stay as they are: they learn from step 20 of all trainings on');
    expect([described()[0].vectors, described()[1].vectors]).toEqual([1, undefined]);
    expect(weightsOf('given').includes(row)).toBe(true);
    const { vectors: _, ...without } = options;
    const further = { ...without, template: 'layer_avl' as const, from: options.out };
    await pretrainEncoder({ ...further, limits: { steps: 8 } });
    expect(weightsOf('given').includes(row)).toBe(true);
    notes.length = 0;
    await pretrainEncoder({ ...further, limits: { steps: 4 } });
    expect(weightsOf('given').includes(row)).toBe(false);
    expect(described()[0].vectors).toBe(1);
    expect(notes.filter((note) => note.includes('given vectors stay'))).toEqual([]);
  });

  it('teaches a language without vectors its own, beside one whose vectors are kept', async () => {
    const vectors = [{ language: 'pt', path: file('one.vec', `1 16\nDe ${'0.5 '.repeat(16)}\n`) }];
    const tables = async (out: string, steps: number) => {
      await pretrainEncoder(optionsFor(out, { template: 'winit_layer_avl', vectors, limits: { steps } }));
      const { tensors } = await readEncoder(join(folder, out));
      return ['pt', 'wo'].map((language) => Buffer.from(tensors[`embedding.${language}.weight`]!.data.buffer));
    };
    const [early, late] = [await tables('one-early', 1), await tables('one-late', 6)];
    expect(late.map((table, l) => table.equals(early[l]!))).toEqual([true, false]);
  });

  it('says what memory it needs, and what is odd about a text', async () => {
    const [pt, wo] = texts as [PretrainOptions['texts'][0], PretrainOptions['texts'][0]];
    const text = readFileSync(wo.path, 'utf8');
    const lines = { language: 'wo', path: file('long.txt', text.replace(/\n(.*)\n(.*)\n/g, ' $1 $2\n')) };
    const [notes, warnings]: [string[], string[]] = [[], []];
    const said = { note: (text: string) => notes.push(text), warn: (text: string) => warnings.push(text) };
    await pretrainEncoder(optionsFor('said', { ...said, limits: { steps: 1 } }));
    expect(warnings).toEqual([]);
    await pretrainEncoder(optionsFor('said-more', { ...said, texts: [pt, lines], limits: { steps: 1 } }));
    expect(warnings).toEqual([
      expect.stringMatching(/long\.txt: only \d+ of the \d+ lines of the corpus of wo have 3 to 40 words/),
    ]);
    expect(notes[0]).toMatch(/^the size tiny needs up to about \d\.\d GB of memory$/);
    const { languages } = JSON.parse(readFileSync(join(folder, 'said-more', 'encoder.json'), 'utf8'));
    expect(languages[1].corpus.kept).toBeLessThan(0.8 * languages[1].corpus.sentences);
  });
});
