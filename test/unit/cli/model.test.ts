// train and tag as a user runs them: on samples, interrupted, resumed.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PlacedFinding } from '../../../server/cli/findings.ts';
import { crosstag, head, type Ran, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
const dev = 'samples/portuguese/dev.iob2';
const ner = join(folder, 'ner');

/** The sentences of a file with at most `most` tokens: a step of the deep part on them is quick. */
function short(path: string, most: number): string {
  const sentences = readFileSync(path, 'utf8').trimEnd().split('\n\n');
  const kept = sentences.filter((sentence) => sentence.split('\n').filter((line) => /^\d/.test(line)).length <= most);
  return `${kept.join('\n\n')}\n\n`;
}

const small = join(folder, 'small.iob2');
const smallDev = join(folder, 'dev.iob2');
const wide = ['train', '--train', small, '--dev', smallDev, '--parts', 'wide', '--threads', '1'];

let trained: Ran;
beforeAll(async () => {
  writeFileSync(join(folder, 'short.iob2'), short(dev, 8));
  writeFileSync(join(folder, 'small.iob2'), head(dev, 120));
  writeFileSync(join(folder, 'dev.iob2'), head('samples/portuguese/test.iob2', 60));
  trained = await crosstag([...wide, '--test', dev, '--out', ner, '--language', 'pt', '--json']);
});

describe('train', () => {
  it('trains on the samples, scores the test file and tells scripts', () => {
    const { status, stdout, stderr } = trained;
    expect(status, stderr).toBe(0);
    const report = JSON.parse(stdout) as { dev: number; best_epoch: number; test: { f1: number }[]; seconds: number };
    // What it was trained on is in the test file: anything below would mean that it learns nothing.
    expect(report.test[0]?.f1).toBeGreaterThan(50);
    expect(report.dev).toBeGreaterThan(20);
    expect(report.best_epoch).toBe(0);
    expect(stderr).toMatch(/training on 120 sentences/);
    expect(readdirSync(ner).sort()).toEqual(['model.json', 'weights.safetensors']);
  });

  it('gives the same weights for the same seed', async () => {
    const again = join(folder, 'again');
    expect((await crosstag([...wide, '--out', again])).status).toBe(0);
    expect(readFileSync(join(again, 'weights.safetensors'))).toEqual(readFileSync(join(ner, 'weights.safetensors')));
  });

  it('counts the sentences of a file as often as --weights says', async () => {
    const out = join(folder, 'weighted');
    const files = ['--train', small, smallDev, '--weights', `${smallDev}=2.5`];
    const { status, stderr } = await crosstag(['train', ...files, '--dev', dev, '--parts', 'wide', '--out', out]);
    expect(status, stderr).toBe(0);
    const { data } = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')) as { data: { train: object } };
    const weights = [
      { weight: 1, sentences: 120 },
      { weight: 2.5, sentences: 60 },
    ];
    expect(data.train).toMatchObject({ sentences: 180, weights });
  });

  it('learns parts of speech', async () => {
    const pos = join(folder, 'pos');
    const { status, stdout } = await crosstag([
      'train',
      '--train',
      'samples/wolof/train.conllu',
      '--test',
      'samples/wolof/test.conllu',
      '--parts',
      'wide',
      '--out',
      pos,
      '--json',
    ]);
    expect(status).toBe(0);
    const { test } = JSON.parse(stdout) as { test: { accuracy: number; task: string }[] };
    expect(test[0]?.task).toBe('pos');
    expect(test[0]?.accuracy).toBeGreaterThan(85);
    const tagged = await crosstag(['tag', pos, 'samples/wolof/test.conllu']);
    const gold = readFileSync('samples/wolof/test.conllu', 'utf8').split('\n');
    const lines = tagged.stdout.split('\n');
    // The fourth column may differ; everything else, comments and multiword tokens too, is the same.
    const other = (line: string) => line.split('\t').filter((_, column) => column !== 3);
    expect(lines.map(other)).toEqual(gold.map(other));
  });

  it('is interrupted by Ctrl+C with status 130, and resumes with the same result', async () => {
    const shortest = join(folder, 'short.iob2');
    const deep = [
      'train',
      '--train',
      shortest,
      '--dev',
      shortest,
      '--parts',
      'deep',
      '--epochs',
      '1',
      '--threads',
      '1',
    ];
    const whole = join(folder, 'whole');
    expect((await crosstag([...deep, '--out', whole])).status).toBe(0);

    const out = join(folder, 'interrupted');
    const { child, end } = start([...deep, '--out', `${out}/`]); // as the completion of a shell writes it
    child.stdin.end();
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('deep part')) child.kill('SIGINT');
    });
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `crosstag: interrupted; what was learnt is in ${out}.training: run the same command again to go on`,
    );
    expect(existsSync(out)).toBe(false);
    expect(existsSync(`${out}.training`)).toBe(true);

    const resumed = await crosstag([...deep, '--out', out, '--json']);
    expect(resumed.status).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ resumed: true });
    expect(readFileSync(join(out, 'weights.safetensors'))).toEqual(readFileSync(join(whole, 'weights.safetensors')));
    expect(existsSync(`${out}.training`)).toBe(false);
  }, 300_000);

  it('is interrupted by SIGTERM before anything is to be kept', async () => {
    const out = join(folder, 'early');
    const { child, end } = start([
      'train',
      '--train',
      'samples/portuguese/train.iob2',
      '--parts',
      'wide',
      '--out',
      out,
    ]);
    child.stderr.once('data', () => child.kill('SIGTERM'));
    const { status, stderr } = await end;
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /crosstag: interrupted; nothing was to be kept yet: run the same command again to start anew\n$/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it('says that the model is whole when its scoring is interrupted', async () => {
    const out = join(folder, 'unscored');
    const { child, end } = start([...wide, '--test', 'samples/portuguese/train.iob2', '--out', out]);
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes(' on dev')) child.kill('SIGINT');
    });
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `crosstag: interrupted; the model in ${out} is whole; only the scores of --test are missing`,
    );
    expect((await crosstag(['tag', out, smallDev])).status).toBe(0);
  });
});

describe('tag', () => {
  it('says what was written before it was interrupted', async () => {
    const paths = [smallDev, 'samples/portuguese/train.iob2'];
    const printing = start(['tag', ner, ...paths]);
    printing.child.stdout.once('data', () => printing.child.kill('SIGINT'));
    const printed = await printing.end;
    const whole = await crosstag(['tag', ner, smallDev]);
    expect(printed).toMatchObject({ status: 130, stdout: whole.stdout });
    expect(printed.stderr.trimEnd().split('\n').at(-1)).toBe(
      `crosstag: interrupted; the results of 1 of 2 files, up to ${smallDev}, are whole on stdout; tag the others again`,
    );

    const out = join(folder, 'tagged-in-part');
    const writing = start(['tag', ner, ...paths, '--out', out]);
    const poll = setInterval(() => {
      if (!existsSync(join(out, 'dev.iob2'))) return;
      clearInterval(poll);
      writing.child.kill('SIGINT');
    }, 2);
    const written = await writing.end;
    expect({ status: written.status, files: readdirSync(out) }).toEqual({ status: 130, files: ['dev.iob2'] });
    expect(written.stderr).toMatch(/up to \S+dev\.iob2, are whole in \S+tagged-in-part; tag the others again\n$/);

    const early = start(['tag', ner, '-', ...paths, '--out', join(folder, 'none'), '--format', 'conll']);
    early.child.stdin.on('error', () => undefined);
    // By then it listens to signals: it reads.
    await new Promise((resolve) => early.child.stdin.write('b\n'.repeat(500_000), resolve));
    early.child.kill('SIGINT');
    expect(await early.end).toMatchObject({ status: 130, stderr: 'crosstag: interrupted; nothing was written\n' });
  });

  it('writes labels into the file that it reads, in the scheme of that file', async () => {
    const text = 'Ana\nSilva\nvisitou\nSão\nPaulo\n.\n';
    const { status, stdout, stderr } = await crosstag(['tag', ner, '-', '--format', 'conll'], text);
    expect(status, stderr).toBe(0);
    expect(stdout.replace(/ \S+$/gm, '')).toBe(text);
    expect(stdout).toMatch(/^Ana (O|[BI]-\w+)\n/);
    expect(stderr).toMatch(/1 sentence, 6 words, [\d,]+ words\/s\n$/);
  });

  it('gives raw text its annotations, and shows it in colour', async () => {
    const text = 'O presidente Lula visitou São Paulo. 🙂 Lula falou em São Paulo.\n';
    const annotations = await crosstag(['tag', ner, '-', '--format', 'txt'], text);
    expect(annotations.status).toBe(0);
    const points = [...text];
    for (const line of annotations.stdout.trimEnd().split('\n')) {
      const [, place, words] = line.split('\t');
      const [, from, to] = place!.split(' ').map(Number);
      expect(points.slice(from, to).join('')).toBe(words);
    }
    const colour = await crosstag(['tag', ner, '-', '--format', 'txt', '--color'], text);
    expect(colour.stdout).toMatch(/São Paulo .*(LOC|PER|ORG)/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
    expect(colour.stdout.replace(/\u001b\[\d+m/g, '').replace(/\[(.+?) (PER|LOC|ORG)\]/g, '$1')).toBe(text);
  });

  it('prints JSON lines with spans, marginals and the n best', async () => {
    const { status, stdout, stderr } = await crosstag([
      'tag',
      ner,
      'samples/portuguese/news.txt',
      '--json',
      '--marginals',
      '--nbest',
      '2',
      '--language',
      'pt',
    ]);
    expect(status).toBe(0);
    const text = readFileSync('samples/portuguese/news.txt', 'utf8');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    interface Line {
      offsets: [number, number][];
      tokens: string[];
      tags: string[];
      spans: { start: number; end: number; label: string; score: number; text: string }[];
      marginals: Record<string, number>[];
      nbest: { tags: string[]; probability: number }[];
    }
    expect(lines.some(({ spans }) => spans.length > 0)).toBe(true);
    for (const { offsets, tokens, tags, spans, marginals, nbest } of lines) {
      expect(offsets.map(([from, to]) => text.slice(from, to))).toEqual(tokens);
      expect([tags.length, marginals.length]).toEqual([tokens.length, tokens.length]);
      for (const row of marginals) {
        expect(Object.values(row).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
      }
      for (const span of spans) expect(span.score).toBeGreaterThan(0);
      expect(nbest[0]?.tags).toEqual(tags);
      if (nbest.length > 1) expect(nbest[1]!.probability).toBeLessThanOrEqual(nbest[0]!.probability);
    }
    expect(JSON.parse(stderr)).toMatchObject({ sentences: lines.length });
  });

  it('writes names into no column of parts of speech', async () => {
    const { status, stdout, stderr } = await crosstag(['tag', ner, 'samples/wolof/test.conllu']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/test\.conllu: the labels of this file are parts of speech, but the model gives names; /);
    expect((await crosstag(['tag', ner, 'samples/wolof/test.conllu', '--json'])).status).toBe(0);
  });

  it('writes no label with a blank into columns that blanks separate', async () => {
    const [tabs, blanks] = ['geo.tsv', 'geo.conll'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(tabs, 'ሐረር\tB-GEO POL\nናት\tO\n\nአዋሳ\tB-GEO POL\nናት\tO\n\n');
    writeFileSync(blanks, 'ሐረር _\nናት _\n\n');
    const model = join(folder, 'geo');
    const learnt = await crosstag(['train', '--train', tabs, '--parts', 'wide', '--out', model]);
    expect(learnt.status, learnt.stderr).toBe(0);
    expect((await crosstag(['tag', model, tabs])).stdout).toContain('ሐረር\tB-GEO POL');
    const { status, stderr } = await crosstag(['tag', model, blanks]);
    expect(status).toBe(2);
    expect(stderr).toContain(
      `${blanks}: blanks separate the columns, but the model gives B-GEO POL; separate them by tabs`,
    );
  });

  it('names results by what a file holds, not by its name', async () => {
    const own = join(folder, 'by content');
    mkdirSync(own);
    writeFileSync(join(own, 'columns.txt'), 'Ana B-PER\nvisitou O\nLisboa B-LOC\n');
    writeFileSync(join(own, 'notes.md'), 'Ana visitou Lisboa.\n');
    const out = join(folder, 'named by content');
    expect((await crosstag(['tag', ner, join(own, 'columns.txt'), '--out', out])).status).toBe(0);
    expect((await crosstag(['tag', ner, join(own, 'notes.md'), '--format', 'txt', '--out', out])).status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['columns.txt', 'notes.ann', 'notes.md']);
    expect(readFileSync(join(out, 'columns.txt'), 'utf8')).toMatch(/^Ana \S+\nvisitou \S+\n/);
    expect(readFileSync(join(out, 'notes.md'), 'utf8')).toBe('Ana visitou Lisboa.\n');

    writeFileSync(join(own, 'x.txt'), 'Ana\n');
    mkdirSync(join(own, 'other'));
    writeFileSync(join(own, 'other', 'x.txt'), 'Rui\n');
    writeFileSync(join(own, 'other', 'x.ann'), '');
    const both = ['tag', ner, join(own, 'x.txt'), join(own, 'other', 'x.ann'), '--out', join(folder, 'one name')];
    const { status, stderr } = await crosstag(both);
    expect(status).toBe(2);
    expect(stderr).toMatch(/other\/x\.ann: two results would be .*one name\/x\.ann; /);
  });

  it('writes a folder of results, and never over an input', async () => {
    const out = join(folder, 'tagged');
    const paths = ['samples/portuguese/news.txt', 'samples/chinese/dev.iob2'];
    const { status, stdout } = await crosstag(['tag', ner, ...paths, '--out', out]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(readdirSync(out).sort()).toEqual(['dev.iob2', 'news.ann', 'news.txt']);
    expect(readFileSync(join(out, 'news.txt'))).toEqual(readFileSync('samples/portuguese/news.txt'));

    const own = join(folder, 'own');
    mkdirSync(own);
    cpSync('samples/chinese/dev.iob2', join(own, 'dev.iob2'));
    const over = await crosstag(['tag', ner, join(own, 'dev.iob2'), '--out', own]);
    expect(over.status).toBe(2);
    expect(over.stderr).toMatch(/own\/dev\.iob2: the result would replace this file; /);
    const twice = await crosstag(['tag', ner, dev, 'samples/chinese/dev.iob2', '--out', join(folder, 'twice')]);
    expect(twice.status).toBe(2);
    expect(existsSync(join(folder, 'twice'))).toBe(false);
  });
});

describe('lint with a model', () => {
  it('finds labels that the model is sure are wrong', async () => {
    const path = join(folder, 'slips.iob2');
    const slips = readFileSync(small, 'utf8').replace(/\t([BI])-LOC\t/g, '\t$1-PER\t');
    writeFileSync(path, slips);
    const { stdout, stderr } = await crosstag(['lint', path, '--model', ner, '--json']);
    const found = stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as PlacedFinding);
    const contradicted = found.filter(({ code }) => code === 'model.contradicts');
    expect(contradicted.length, stderr).toBeGreaterThan(3);
    expect(contradicted[0]!.message).toMatch(/is PER here, and model ner is sure that it is LOC; /);
    expect(contradicted[0]!.fix!.edits[0]!.text).toMatch(/-LOC$/);
  });

  it('is refused where its labels are for something else', async () => {
    const { status, stdout, stderr } = await crosstag(['lint', 'samples/wolof/test.conllu', '--model', ner]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /test\.conllu: the labels of this file are parts of speech, but the model gives names; name a/,
    );
  });
});
