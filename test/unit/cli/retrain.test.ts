// retrain and status as a user runs them, on a small project in two languages, wide part only.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isHeldOut } from '../../../server/learning/holdout.ts';
import { contentHash } from '../../../server/text/index.ts';
import { RUN } from '../../../server/workspace/journal/run.ts';
import { crosstag, type Ran, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
const models = join(folder, '.crosstag', 'models', 'ner');

/** Sentences of a sample file: rows of word and tag. */
function sample(name: string, first: number, count: number): [word: string, tag: string][][] {
  const text = readFileSync(`samples/portuguese/${name}.iob2`, 'utf8').trimEnd();
  const sentences = text.split('\n\n').slice(first, first + count);
  return sentences.map((sentence) =>
    sentence
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((cells) => /^\d+$/.test(cells[0]!))
      .map((cells): [string, string] => [cells[1]!, cells[2]!]),
  );
}

/** A file of two columns; from `decided` on nobody has decided. */
function columns(sentences: [string, string][][], decided = sentences.length): string {
  const rows = sentences.map((sentence, i) =>
    sentence.map(([word, tag]) => `${word}\t${i < decided ? tag : '_'}\n`).join(''),
  );
  return rows.map((row) => `${row}\n`).join('');
}

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const project = (learning: object = {}, task = 'ner') => ({
  task,
  languages: [
    { language: 'pt', train: ['train.conll'], dev: 'dev.conll' },
    { language: 'gl', documents: ['textos'] },
  ],
  learning,
});

const run = async (...args: string[]): Promise<Ran & { json: Record<string, unknown> }> => {
  const ran = await crosstag([args[0]!, folder, ...args.slice(1), '--json']);
  return { ...ran, json: ran.status === 0 ? JSON.parse(ran.stdout) : {} };
};

beforeAll(() => {
  mkdirSync(join(folder, 'textos', 'mais'), { recursive: true });
  write('train.conll', columns(sample('train', 0, 300)));
  write('dev.conll', columns(sample('dev', 0, 100)));
});

describe('retrain and status', () => {
  it('say what is missing', async () => {
    const missing = await run('retrain');
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/crosstag\.json: there is no project; write one .*\n$/);
    const nothing = { ...project(), languages: [{ language: 'gl', documents: ['textos'] }] };
    write('crosstag.json', JSON.stringify(nothing));
    write('textos/um.conll', columns(sample('train', 400, 60), 0));
    const unlabelled = await run('retrain');
    expect(unlabelled.status).toBe(2);
    expect(unlabelled.stderr).toContain('there is no label to learn from; label some sentences in the "documents"');
    expect(existsSync(models)).toBe(false);
  });

  it('name a document that is not there at its place, before anything is read', async () => {
    const languages = [{ language: 'gl', documents: ['textos', 'nodocs'] }];
    write('crosstag.json', JSON.stringify({ ...project(), languages }, null, 2));
    for (const command of ['status', 'retrain']) {
      const { status, stdout, stderr } = await run(command);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      const remedy = `correct the path; it starts in ${folder}`;
      expect(stderr).toBe(`${join(folder, 'crosstag.json')}:8:9: nodocs: no such file or folder; ${remedy}\n`);
    }
  });

  it('train a first model without anything to compare it with', async () => {
    write('crosstag.json', JSON.stringify(project()));
    const { status, json, stderr } = await run('retrain');
    expect(status, stderr).toBe(0);
    expect(json).toMatchObject({ old: null, new: 'ner/1', accepted: true, reason: 'it is the first model' });
    expect(json.holdout).toEqual({ sentences: 0, tokens: 0 });
    expect(readdirSync(models)).toEqual(['1']);
  });

  it('say that nothing is new', async () => {
    const { status, json } = await run('retrain');
    expect(status).toBe(0);
    expect(json).toMatchObject({ old: 'ner/1', new: null, accepted: false });
    expect(json.reason).toBe('no label is new since ner/1; label some more first');
    expect(readdirSync(models)).toEqual(['1']);
  });

  it('learn from corrections, and put the new model into use when it is not worse', async () => {
    const labelled = sample('train', 400, 400);
    write('textos/um.conll', columns(labelled, 300));
    const { status, json, stderr } = await run('retrain');
    expect(status, stderr).toBe(0);
    expect(json).toMatchObject({ old: 'ner/1', new: 'ner/2', accepted: true, start: 'warm' });
    const { holdout, counts, kappa } = json as {
      holdout: { old: number; new: number; sentences: number };
      counts: { sentences: number; heldOut: number };
      kappa: number;
    };
    expect(holdout.new).toBeGreaterThan(holdout.old);
    expect(counts.sentences + counts.heldOut).toBe(300);
    expect(holdout.sentences).toBe(counts.heldOut);
    expect(counts.heldOut).toBeGreaterThan(10);
    expect(kappa).toBeGreaterThan(0);
  });

  it('keep what is held out apart in every file that it is copied to', async () => {
    copyFileSync(join(folder, 'textos', 'um.conll'), join(folder, 'textos', 'mais', 'cópia.conll'));
    copyFileSync(join(folder, 'textos', 'um.conll'), join(folder, 'train2.conll'));
    const value = project();
    value.languages[0]!.train!.push('train2.conll');
    write('crosstag.json', JSON.stringify(value));
    const { json, stderr } = await run('retrain');
    const { counts, holdout } = json as { counts: Record<string, number>; holdout: { sentences: number } };
    expect(counts.sentences! + counts.heldOut! * 2, stderr).toBe(600);
    // Of the copy among the labelled files, as many are not trained on.
    expect(counts.source).toBe(300 + 300 - counts.heldOut!);
    expect(holdout.sentences).toBe(counts.heldOut);
    rmSync(join(folder, 'textos', 'mais', 'cópia.conll'));
    write('crosstag.json', JSON.stringify(project()));
  });

  it('keep a model that is worse, and say why it is not used', async () => {
    const sentences = sample('train', 400, 300);
    const text = readFileSync(join(folder, 'textos', 'um.conll'), 'utf8');
    // Labels of the training sentences are turned around; those of the hold-out stay as they are.
    const held = new Set(heldOut(sentences));
    const turned = sentences.map((sentence, i) =>
      sentence.map(([word, tag]): [string, string] => [word, held.has(i) ? tag : tag === 'O' ? 'B-LOC' : 'O']),
    );
    write('textos/um.conll', columns(turned));
    const { status, json, stderr } = await run('retrain');
    expect(status, stderr).toBe(0);
    expect(json).toMatchObject({ accepted: false, old: 'ner/3', new: 'ner/4' });
    expect(json.reason).toMatch(/^F1 .* against .* of ner\/3 on \d+ held-out sentences: worse in \d+% of the draws/);
    write('textos/um.conll', text);
    const shown = await crosstag(['status', folder]);
    expect(shown.stdout).toContain('ner/3, ');
    expect(shown.stdout).toMatch(/ner\/4, .*worse in/);
  });

  it('count what there is', async () => {
    const { status, json } = await run('status');
    expect(status).toBe(0);
    expect(json).toMatchObject({
      ...{ task: 'ner', documents: 1, sentences: 400, reviewed: 0, labelled: 300, source: 300 },
      ...{ waiting: { corrections: 0, after: 100 }, may_stop: false },
    });
    expect((json.labels as { human: number }).human).toBe(0);
    expect((json.models as { name: string; active: boolean }[]).map(({ name, active }) => [name, active])).toEqual([
      ['ner/3', true],
      ['ner/2', false],
      ['ner/1', false],
      ['ner/4', false],
    ]);
  });

  it('take a label that is new', async () => {
    const text = readFileSync(join(folder, 'textos', 'um.conll'), 'utf8');
    write('textos/um.conll', `${text}Entroido\tB-EVENT\n\nO\tO\nEntroido\tB-EVENT\n\nNo\tO\nEntroido\tB-EVENT\n\n`);
    const { json, stderr } = await run('retrain');
    expect(json.new, stderr).toBe('ner/5');
    expect(json.reason).toMatch(/; new label: EVENT$/);
    expect(JSON.parse(readFileSync(join(models, '5', 'model.json'), 'utf8')).tags).toContain('B-EVENT');
  });

  it.skipIf(process.platform === 'win32')('are interrupted without a trace but what is kept to go on', async () => {
    const { child, end } = start(['retrain', folder, '--force']);
    child.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes('wide part')) child.kill('SIGINT');
    });
    const { status, stderr, stdout } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toMatch(/interrupted; what was learnt is kept: run the same command again to go on\n$/);
    expect(existsSync(join(folder, '.crosstag', 'learning', 'running.json'))).toBe(false);
    expect(readdirSync(models).filter((name) => /^\d/.test(name))).toHaveLength(5);
  });

  it('say it where another process trains in the folder', async () => {
    const lock = join(folder, '.crosstag', 'learning', 'running.json');
    const now = new Date().toISOString();
    const held = [
      JSON.stringify({ run: RUN, at: now }),
      JSON.stringify({ run: 'abcdef-1', at: '2020-01-01T00:00:00Z' }),
      '',
    ];
    for (const text of held) {
      writeFileSync(lock, text);
      const busy = await run('retrain', '--force');
      expect(busy.status).toBe(2);
      expect(busy.stderr).toContain(
        'running.json: another process is training in this folder already; wait for it, or cancel it there; if there is none, remove this file',
      );
    }
    // Of a process that had this number before the machine was started, one that was killed while it wrote, and one of
    // another machine that has given no sign of life for long
    for (const text of [JSON.stringify({ run: RUN, at: '2020-01-01T00:00:00Z' }), '', held[1]!]) {
      writeFileSync(lock, text);
      utimesSync(lock, 0, 0);
      expect((await run('retrain')).status).toBe(0);
      expect(existsSync(lock)).toBe(false);
    }
  });
});

describe('retraining where people decided names and nothing else', () => {
  const names = temporaryFolder();
  const scoreOf = async (model: string) => {
    const [words, out] = [join(names, 'dev.conll'), join(names, 'tagged')];
    writeFileSync(words, columns(sample('dev', 0, 100), 0));
    const tagged = await crosstag(['tag', join(names, '.crosstag', 'models', 'ner', model), words, '--out', out]);
    expect(tagged.status, tagged.stderr).toBe(0);
    const scored = await crosstag(['eval', join(folder, 'dev.conll'), join(out, 'dev.conll'), '--json']);
    return JSON.parse(scored.stdout) as { precision: number; recall: number };
  };
  /** What is no name stays undecided, except in the first sentences, which were reviewed. */
  const writeNames = (count: number, reviewed: number) => {
    const inPart = columns(sample('train', reviewed, count - reviewed)).replaceAll('\tO\n', '\t_\n');
    writeFileSync(join(names, 'names.conll'), columns(sample('train', 0, reviewed)) + inPart);
  };

  it('does not make a name of everything, from nothing and on a model', async () => {
    const languages = [{ language: 'pt', documents: ['names.conll'] }];
    writeFileSync(join(names, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
    for (const [model, count, reviewed] of [
      ['1', 300, 30],
      ['2', 400, 0],
    ] as const) {
      writeNames(count, reviewed);
      const ran = await crosstag(['retrain', names]);
      expect(ran.status, ran.stderr).toBe(0);
      const { precision, recall } = await scoreOf(model);
      expect(precision).toBeGreaterThan(40);
      expect(recall).toBeGreaterThan(40);
    }
  });
});

/** Numbers of the sentences that are held out. */
function heldOut(sentences: [string, string][][]): number[] {
  return sentences.flatMap((sentence, i) => (isHeldOut(contentHash(sentence.map(([word]) => word))) ? [i] : []));
}
