// train and tag for another language, as a user runs them: with an encoder, a word list, word vectors.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import { interrupt, smallPretraining, writeCorpora } from '../encoder/small-pretrainings.ts';
import { crosstag, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

/** Sentences whose names are those words in capitals: short ones, so that steps are quick. */
function labelled(seed: number, names: readonly string[], others: readonly string[]): string {
  const sentences = Array.from({ length: 30 }, (_, i) => {
    const words = [0, 1, 2, 3].map((k) => others[(seed * 7 + i * 3 + k) % others.length]!);
    const name = names[(seed + i) % names.length]!;
    return [...words.map((word) => `${word} O`), `${name} B-LOC`].join('\n');
  });
  return `${sentences.join('\n\n')}\n\n`;
}

const PORTUGUESE = ['o', 'de', 'e', 'casa', 'em'];
const WOLOF = ['bi', 'ci', 'ak', 'kër', 'la'];

let train: string[];
beforeAll(async () => {
  process.env.CROSSTAG_CACHE = at('cache');
  const texts = writeCorpora(folder);
  expect(texts.map(({ language }) => language)).toEqual(['pt', 'wo']);
  await pretrainEncoder({ ...smallPretraining(texts, at('encoder')), limits: { steps: 4 } });
  writeFileSync(at('train.conll'), labelled(1, ['Dakar', 'Lisboa'], PORTUGUESE));
  writeFileSync(at('dev.conll'), labelled(2, ['Dakar', 'Lisboa'], PORTUGUESE));
  writeFileSync(at('wo.conll'), labelled(3, ['Dakar', 'Praia'], WOLOF));
  writeFileSync(at('pairs.txt'), PORTUGUESE.map((word, i) => `${word}\t${WOLOF[i]}\n`).join(''));
  writeFileSync(at('pt.vec'), `2 3\no 1 0 0\nDakar 0 1 0\n`);
  writeFileSync(at('wo.vec'), `2 3\nbi 1 0 0\nDakar 0 1 0\n`);
  train = ['train', '--train', at('train.conll'), '--dev', at('dev.conll'), '--threads', '1', '--epochs', '1'];
}, 120_000);

interface Report {
  readonly dev: number;
  readonly target_dev: number;
  readonly test: readonly { path: string; language?: string; f1: number }[];
  readonly by_target_dev: { dev: number; target_dev: number; best_epoch: number; test: readonly { f1: number }[] };
}

describe('train with an encoder', () => {
  it('scores both languages, and the model that dev data of the target language choose', async () => {
    const out = at('model');
    const tests = ['--test', `wo=${at('wo.conll')}`, `pt=${at('dev.conll')}`];
    const args = ['--encoder', at('encoder'), '--language', 'pt', '--target-dev', `wo=${at('wo.conll')}`, ...tests];
    const { status, stdout, stderr } = await crosstag([...train, ...args, '--out', out, '--json']);
    expect(status, stderr).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report.test.map(({ path, language }) => [path, language])).toEqual([
      [at('wo.conll'), 'wo'],
      [at('dev.conll'), 'pt'],
    ]);
    // The test file is that of --target-dev.
    expect(report.test[0]!.f1).toBeCloseTo(report.target_dev, 6);
    expect(report.by_target_dev.test[0]!.f1).toBeCloseTo(report.by_target_dev.target_dev, 6);
    expect(report.by_target_dev.target_dev).toBeGreaterThanOrEqual(report.target_dev);
    expect(stderr).toMatch(/encoder reads the text/);
    expect(readdirSync(join(out, 'encoder')).sort()).toEqual(
      ['encoder.json', 'vocabulary.pt.txt', 'vocabulary.wo.txt', 'weights.safetensors'].sort(),
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('model'))).toEqual(['model']);

    // Moved, without the encoder that it was made with, it tags as before.
    mkdirSync(at('elsewhere'));
    renameSync(out, at('elsewhere/model'));
    renameSync(at('encoder'), at('hidden-encoder'));
    const tagged = await crosstag(['tag', at('elsewhere/model'), at('wo.conll'), '--language', 'wo']);
    renameSync(at('hidden-encoder'), at('encoder'));
    expect(tagged.status, tagged.stderr).toBe(0);
    const assumed = await crosstag(['tag', at('elsewhere/model'), at('wo.conll')]);
    expect(assumed.stdout).toBe(tagged.stdout);
    expect(assumed.stderr).toMatch(/^taking the text for wo; for pt say --language$/m);
    const foreign = await crosstag(['tag', at('elsewhere/model'), at('wo.conll'), '--language', 'yo']);
    expect({ status: foreign.status, stdout: foreign.stdout }).toEqual({ status: 2, stdout: '' });
    expect(foreign.stderr.trimEnd().split('\n').at(-1)).toMatch(/does not know the language yo; name one of pt, wo$/);
  }, 300_000);

  it('takes a region of a language for the language, in training and in scoring', async () => {
    const vectors = ['--vectors', `pt=${at('pt.vec')}`, `wo=${at('wo.vec')}`];
    const spoken = ['--language', 'pt-BR', '--test', `pt-BR=${at('dev.conll')}`, `WO=${at('wo.conll')}`];
    const args = ['--encoder', at('encoder'), ...vectors, ...spoken, '--out', at('region'), '--json'];
    const { status, stdout, stderr } = await crosstag([...train, ...args]);
    expect(status, stderr).toBe(0);
    expect((JSON.parse(stdout) as Report).test.map(({ language }) => language)).toEqual(['pt-BR', 'WO']);
  }, 300_000);

  it('labels a third language, with an encoder of three that was interrupted', async () => {
    const english = readFileSync('samples/english/dev.conllu', 'utf8').match(/(?<=^# text = ).*/gm)!;
    writeFileSync(at('en.txt'), english.join('\n'));
    const texts = ['pt', 'wo', 'en'].map((language) => ({ language, path: at(`${language}.txt`) }));
    const options = { ...smallPretraining(texts, at('three')), limits: { steps: 4 } };
    await interrupt(options, 2);
    const { perplexity, alignment, resumed } = await pretrainEncoder(options);
    expect([Object.keys(perplexity), resumed]).toEqual([['pt', 'wo', 'en'], true]);
    expect(Object.keys(alignment)).toEqual(['pt-wo', 'pt-en', 'wo-en'].map((pair) => `average linkage: ${pair}`));
    const straight = await pretrainEncoder({ ...options, out: at('straight') });
    expect(straight.perplexity).toEqual(perplexity);

    const args = [...train, '--encoder', at('three'), '--language', 'pt', '--out', at('for-wolof')];
    const unnamed = await crosstag([...args, '--parts', 'deep']);
    expect(unnamed.stderr).toContain(
      'warning: the tagger is tuned for pt; if it is for wo or en, name that as the target',
    );
    const named = await crosstag([...args, '--target', 'wo']);
    expect(named.stderr).not.toContain('tuned for');
    for (const language of ['wo', 'en']) {
      const { status, stdout, stderr } = await crosstag([
        'tag',
        at('for-wolof'),
        at('wo.conll'),
        '--language',
        language,
      ]);
      expect(status, stderr).toBe(0);
      expect(stdout).toContain('Dakar');
    }
  });

  it('translates with a word list, and takes word vectors', async () => {
    const out = at('translated');
    const vectors = ['--vectors', `pt=${at('pt.vec')}`, `wo=${at('wo.vec')}`];
    const more = ['--encoder', at('encoder'), '--language', 'pt', '--translate', at('pairs.txt'), '--keep-originals'];
    const { status, stderr } = await crosstag([...train, ...more, ...vectors, '--out', out]);
    expect(status, stderr).toBe(0);
    const model = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')) as {
      data: { train: { sentences: number } };
    };
    expect(model).toMatchObject({ language: 'pt', target: 'wo', data: { train: { sentences: 60 } } });

    writeFileSync(at('few.txt'), `${PORTUGUESE[0]}\t${WOLOF[0]}\n`);
    const few = ['--encoder', at('encoder'), '--language', 'pt', '--translate', at('few.txt'), '--parts', 'deep'];
    const untranslated = await crosstag([...train, ...few, '--out', at('untranslated'), '--json']);
    expect(untranslated.stderr).toMatch(
      /the word list knows \d+% of the words outside of names, too few for the encoder/,
    );
    const { translation } = JSON.parse(untranslated.stdout) as { translation: object };
    expect(translation).toMatchObject({ used: false });
    const facts = JSON.parse(readFileSync(join(at('untranslated'), 'model.json'), 'utf8')) as object;
    expect(facts).toMatchObject({ data: { translation } });
  }, 300_000);

  it('takes dev data of a region for those of the target', async () => {
    const args = ['--parts', 'wide', '--language', 'pt', '--target', 'wo', '--target-dev', `wo-SN=${at('wo.conll')}`];
    const { status, stdout, stderr } = await crosstag([...train, ...args, '--out', at('of-region'), '--json']);
    expect(status, stderr).toBe(0);
    expect((JSON.parse(stdout) as Report).target_dev).toBeGreaterThan(0);
  });

  it('learns from files of several languages, each in its own', async () => {
    const args = [...train, '--encoder', at('encoder'), '--language', 'pt', '--out', at('several'), '--json'];
    const both = await crosstag([...args, '--train', `wo=${at('wo.conll')}`, '--weights', `${at('wo.conll')}=2`]);
    expect(both.status, both.stderr).toBe(0);
    expect(both.stderr).toContain(`training on 60 sentences of ${at('train.conll')}, ${at('wo.conll')}\n`);
    const foreign = await crosstag([...args, '--train', `es=${at('wo.conll')}`]);
    expect(foreign.stderr).toMatch(/the encoder does not know the language es; /);
  });

  it('says which labels of a test file the training has not, and that a word list is hardly the right one', async () => {
    writeFileSync(at('dates.conll'), readFileSync(at('wo.conll'), 'utf8').replace('B-LOC', 'B-DATE'));
    writeFileSync(at('turned.txt'), PORTUGUESE.map((word, i) => `${WOLOF[i]} ${word}\n`).join(''));
    const args = ['--parts', 'wide', '--language', 'pt', '--target', 'wo', '--translate', at('turned.txt')];
    const { status, stderr } = await crosstag([...train, ...args, '--test', at('dates.conll'), '--out', at('dates')]);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(`dates.conll has labels that the training has not, and they count as missed: DATE\n`);
    expect(stderr).toMatch(/warning: the word list knows 0% of the words of the text: is it in the other order, or/);
  });

  it('without an encoder, a word list alone translates', async () => {
    const args = ['--parts', 'wide', '--translate', at('pairs.txt'), '--language', 'pt', '--target', 'wo'];
    const { status, stdout, stderr } = await crosstag([
      ...[...train, ...args, '--test', at('wo.conll'), '--out', at('wide'), '--json'],
    ]);
    expect(status, stderr).toBe(0);
    expect((JSON.parse(stdout) as Report).test[0]!.f1).toBeGreaterThan(50);
  });
});

describe('bad usage', () => {
  const encoder = ['--encoder', at('encoder')];
  it.each<[string, string[], RegExp]>([
    ['no language', encoder, /--encoder needs --language/],
    [
      'a name of a language',
      [...encoder, '--language', 'english'],
      /--language takes a BCP 47 tag such as es, not english/,
    ],
    ['the wide part alone', [...encoder, '--language', 'pt', '--parts', 'wide'], /are for the deep part/],
    ['features of nothing', ['--features', 'all'], /--features needs --encoder/],
    [
      'other features',
      [...encoder, '--language', 'pt', '--features', 'last'],
      /takes layer=N, all, fws or sws, not last/,
    ],
    ['a translation into nothing', ['--translate', at('pairs.txt')], /--translate needs --target/],
    ['originals of nothing', ['--keep-originals'], /--keep-originals needs --translate/],
    [
      'dev data of another target',
      ['--target', 'es', '--target-dev', `pt=${at('dev.conll')}`],
      /--target-dev is in pt, but --target is es/,
    ],
    [
      'dev data of another region',
      ['--target', 'pt-PT', '--target-dev', `pt-BR=${at('dev.conll')}`],
      /--target-dev is in pt-BR, but --target is pt-PT/,
    ],
    ['a share above 1', ['--hide-words', '1.5'], /--hide-words takes a number from 0 to 1/],
  ])('%s', async (_, args, message) => {
    const { status, stdout, stderr } = await crosstag([...train, ...args, '--out', at('never')]);
    expect({ status, stdout, lines: stderr.split('\n').length }).toEqual({ status: 2, stdout: '', lines: 2 });
    expect(stderr).toMatch(message);
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('bad input', () => {
  const encoder = ['--encoder', at('encoder')];
  const fails = async (args: readonly string[]) => {
    const { status, stdout, stderr } = await crosstag([...train, ...args, '--out', at('never')]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(existsSync(at('never'))).toBe(false);
    return stderr.trimEnd().split('\n').at(-1)!;
  };

  it('languages that the encoder does not know', async () => {
    const message = await fails([...encoder, '--language', 'yo']);
    expect(message).toBe(`${at('encoder')}: the encoder does not know the language yo; name one of pt, wo`);
    expect(await fails([...encoder, '--language', 'pt', '--target', 'de'])).toMatch(
      /know the language de; name one of/,
    );
    // Said before anything is learnt.
    const tests = ['--test', `de=${at('wo.conll')}`];
    expect(await fails([...encoder, '--language', 'pt', ...tests])).toMatch(
      /encoder does not know the language de; name one of pt, wo/,
    );
    const given = ['--vectors', `pt=${at('pt.vec')}`, '--language', 'pt', '--test', `wo=${at('wo.conll')}`];
    expect(await fails(given)).toMatch(/word vectors do not know the language wo; name one of pt/);
    const dev = ['--target-dev', `de=${at('wo.conll')}`];
    expect(await fails([...encoder, '--language', 'pt', ...dev])).toMatch(/know the language de; name one of pt, wo/);
  });

  it('a layer that the encoder does not have', async () => {
    const message = await fails([...encoder, '--language', 'pt', '--features', 'layer=99']);
    expect(message).toMatch(
      /encoder: the encoder has no features layer=99; ask for layer=0 to layer=\d, all, fws or sws$/,
    );
  });

  it('no encoder, or a damaged one', async () => {
    expect(await fails(['--encoder', at('nothing'), '--language', 'pt'])).toMatch(
      /nothing\/encoder\.json: the file is missing; name the folder of an encoder/,
    );
    mkdirSync(at('damaged'));
    for (const name of readdirSync(at('encoder')))
      writeFileSync(join(at('damaged'), name), readFileSync(join(at('encoder'), name)));
    rmSync(join(at('damaged'), 'vocabulary.wo.txt'));
    expect(await fails(['--encoder', at('damaged'), '--language', 'pt'])).toMatch(
      /vocabulary\.wo\.txt: the file is missing; /,
    );
  });

  it('word lists and vectors that are none', async () => {
    writeFileSync(at('bad.txt'), 'one uno\nthree\n');
    expect(await fails(['--translate', at('bad.txt'), '--target', 'wo'])).toMatch(
      /bad\.txt:2:1: 1 word instead of 2; /,
    );
    writeFileSync(at('bad.vec'), '1 3\na 1 2\n');
    expect(await fails(['--vectors', at('bad.vec')])).toMatch(/bad\.vec:2(:\d+)?: a word and 2 numbers instead of 3; /);
    expect(await fails(['--vectors', at('pt.vec'), at('wo.vec')])).toMatch(/two files of vectors for one language; /);
    expect(await fails(['--target-dev', `wo=${at('nothing.conll')}`])).toMatch(
      /nothing\.conll: no such file or folder; /,
    );
  });
});
