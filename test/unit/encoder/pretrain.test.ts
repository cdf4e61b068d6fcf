// Pre-training on real text: it learns, aligns, and goes on from a finished encoder.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encoderConfig } from '../../../server/encoder/config.ts';
import { evaluationPrograms } from '../../../server/encoder/evaluate.ts';
import { readEncoder } from '../../../server/encoder/folder.ts';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import { firstState } from '../../../server/encoder/setup.ts';
import type { PretrainOptions, PretrainProgress } from '../../../server/encoder/types.ts';
import { EncoderVocabulary } from '../../../server/encoder/vocabulary.ts';
import { tableName } from '../../../server/encoder/weights.ts';
import { describePretraining } from '../../../server/features/pretraining-line.ts';
import { interrupt, pretrainingFolder, writeCorpora } from './small-pretrainings.ts';

const { folder, texts, file, optionsFor } = pretrainingFolder('pretrain');
const weightsOf = (out: string) => readFileSync(join(folder, out, 'weights.safetensors'));

/** The thirty words behind the thirty most frequent ones. */
function frequentWords(text: number): string[] {
  const counts = new Map<string, number>();
  for (const word of readFileSync(texts[text]!.path, 'utf8').toLowerCase().split(/\s+/)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(30, 60)
    .map(([word]) => word);
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
    const [pt, wo] = [frequentWords(0), frequentWords(1)];
    // Through `wo[0]` two words of one language would be pulled together: the second one is left out.
    const many = [`${pt[0]} ${wo[1]}`, `${pt[1]} ${wo[0]}`];
    const list = file('list.txt', [...many, ...pt.map((word, i) => `${word} ${wo[i]}`)].join('\n'));
    const alone = { template: 'layer_avl' as const, alignment: { linkage: 0 } };
    const report = await pretrainEncoder(
      optionsFor('list', { ...alone, pairs: [{ languages: ['pt', 'wo'], list }], limits: { steps: 20 } }),
    );
    // Of random vectors of length 1 the mean distance is the root of 2, times 10.
    expect(report.alignment['word list']).toBeLessThan(6);
    const encoder = JSON.parse(readFileSync(join(folder, 'list', 'encoder.json'), 'utf8'));
    expect(encoder.pairs).toBe(29);
  });

  it('takes a word list of any two of three languages', async () => {
    const [pt, wo] = [frequentWords(0), frequentWords(1)];
    // A third language, whose words are those of the second one turned round
    const turned = (word: string) => [...word].reverse().join('');
    const text = readFileSync(texts[1]!.path, 'utf8').split(/(\s+)/).map(turned).join('');
    const third = { language: 'am-ET', path: file('third.txt', text) };
    const lists = [
      {
        languages: ['am-ET', 'pt'],
        list: file('am-pt.txt', pt.map((word, i) => `${turned(wo[i]!)} ${word}`).join('\n')),
      },
      { languages: ['pt', 'wo'], list: file('pt-wo.txt', pt.map((word, i) => `${word} ${wo[i]}`).join('\n')) },
    ] as const;
    const notes: string[] = [];
    const alone = {
      template: 'layer_avl' as const,
      alignment: { linkage: 0 },
      note: (text: string) => notes.push(text),
    };
    const options = optionsFor('three', { ...alone, texts: [...texts, third], limits: { steps: 4 } });
    await interrupt({ ...options, pairs: lists }, 2);
    await expect(pretrainEncoder({ ...options, pairs: lists.slice(0, 1) })).rejects.toThrow(/with other settings/);
    // Their order is nothing that the training depends on
    const report = await pretrainEncoder({ ...options, pairs: [...lists].reverse() });
    await pretrainEncoder({ ...options, out: join(folder, 'at once'), pairs: lists, note: () => undefined });
    expect(weightsOf('three').equals(weightsOf('at once'))).toBe(true);
    expect(report.resumed).toBe(true);
    expect(report.alignment).toEqual({
      'word list: am-ET-pt': expect.any(Number),
      'word list: pt-wo': expect.any(Number),
    });
    expect(notes.filter((note) => note.includes('pairs of'))).toEqual([
      '30 of the 30 pairs of the word list pt-wo are used',
      '30 of the 30 pairs of the word list am-ET-pt are used',
    ]);
  });

  it('begins with one vector for the words of several languages that lists connect', async () => {
    const languages = ['pt', 'wo', 'am'];
    const own = [
      ['casa', 'água'],
      ['kër', 'ndox'],
      ['ቤት', 'ውሃ'],
    ];
    const vocabularies = own.map((words) => EncoderVocabulary.parse(`<eos>\n<unk>\n${words.join('\n')}\n`, 'own.txt'));
    const texts = languages.map((language) => ({ language, path: `${language}.txt` }));
    const rows = Int32Array.from([2, 2, 3, 3]);
    const shared = [
      { first: 1, second: 2, rows },
      { first: 1, second: 0, rows },
    ];
    const config = encoderConfig('tiny', 'layer_avl', true);
    const options = { texts, out: folder, template: 'layer_avl', size: 'tiny', limits: {} } as const;
    const { state } = await firstState(options, config, vocabularies, shared);
    const vectorOf = (l: number, row: number) =>
      state[tableName(languages[l]!)]!.data.slice(row * config.hidden, (row + 1) * config.hidden);
    for (const row of [2, 3]) {
      expect(vectorOf(1, row)).toEqual(vectorOf(0, row));
      expect(vectorOf(2, row)).toEqual(vectorOf(0, row));
    }
    expect(vectorOf(0, 2)).not.toEqual(vectorOf(0, 3));
  });

  it('finds the words of a list, which has no case, in texts with capitals', async () => {
    const notes: string[] = [];
    const list = file('cased.txt', 'de ci\nPORTUGAL senegaal\n');
    const config = { ...optionsFor('cased').config!, lowerCase: false };
    const options = optionsFor('cased', { config, limits: { steps: 1 }, note: (text) => notes.push(text) });
    const texts = options.texts.map(({ language, path }, l) => ({
      language,
      path: file(
        `${language}-cased.txt`,
        readFileSync(path, 'utf8').replace(/^/gm, l === 0 ? 'Portugal ' : 'Senegaal '),
      ),
    }));
    await pretrainEncoder({ ...options, texts, pairs: [{ languages: ['pt', 'wo'], list }] });
    expect(notes).toContain('2 of the 2 pairs of the word list are used');
  });

  it('says how much of a word list and of vectors is used, and of a list that fits better the other way round', async () => {
    const [notes, warnings]: [string[], string[]] = [[], []];
    const said = { note: (text: string) => notes.push(text), warn: (text: string) => warnings.push(text) };
    const pairs = ['de ci', 'e ak', 'o bi', 'xyzzy plugh'];
    const vectors = [
      { language: 'pt', path: file('two.vec', `2 16\n${['de', 'o'].map((w) => w + ' 0.5'.repeat(16)).join('\n')}\n`) },
    ];
    const run = (out: string, list: string[]) => {
      const given = { languages: ['pt', 'wo'], list: file(`${out}.txt`, list.join('\n')) } as const;
      return pretrainEncoder(optionsFor(out, { ...said, pairs: [given], vectors, limits: { steps: 1 } }));
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
    const strangers = Array.from({ length: 40 }, (_, i) => `stranger${i} unknown${i}`);
    await run('few', [...pairs, ...strangers]);
    expect(warnings.at(-1)).toMatch(/few\.txt: the texts have both words of 3 of its 44 pairs alone; is it a list of/);
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
