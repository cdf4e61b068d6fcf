// The report of a pre-training run: what it says, and that nothing but itself is loaded or run.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curvesOf } from '../../../server/features/encoder-curves.ts';
import { reportBody, reportPage } from '../../../server/features/encoder-report.ts';
import type { Chart } from '../../../server/features/page/chart.ts';
import { readPretrainingRun } from '../../../server/features/pretraining-run.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'crosstag-report-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A line of a log whose losses fall. */
function line(step: number, evaluated = false) {
  const both = (value: number) => ({ forward: value, backward: value + 0.5 });
  return {
    step,
    words: step * 1000,
    seconds: step / 2,
    loss: { en: both(9 - step / 100), አማ: both(8 - step / 100) },
    alignment: { 'average linkage': 2 - step / 100, 'word <list>': 3 },
    ...(evaluated && { perplexity: { en: both(900 - step), አማ: both(800 - step) } }),
  };
}

async function write(name: string, lines: readonly object[], more = ''): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'log.jsonl'), lines.map((one) => `${JSON.stringify(one)}\n`).join('') + more);
  return folder;
}

const steps = (count: number) => Array.from({ length: count }, (_, i) => line(i + 1, (i + 1) % 10 === 0));

function embedded(html: string): Chart[] {
  return JSON.parse(/<script type="application\/json" id="curves">(.*?)<\/script>/s.exec(html)![1]!);
}

describe('a run', () => {
  it('is read with its description, and named as the workspace names it', async () => {
    const folder = await write('.crosstag/encoders/en-አማ/3', steps(20));
    await writeFile(
      join(folder, 'encoder.json'),
      JSON.stringify({ template: 'layer_avl', size: 'tiny', created: '2026-11-27T12:39:19.000Z' }),
    );
    const run = await readPretrainingRun(folder);
    expect(run).toMatchObject({ name: 'en-አማ/3', languages: ['en', 'አማ'], finished: true, template: 'layer_avl' });
    expect(run.lines).toHaveLength(20);
    // The script of the page tells it in the reader's own time.
    expect(reportBody(run)).toContain('finished <time datetime="2026-11-27T12:39:19.000Z">2026-11-27 12:39 UTC</time>');
    const unknown = { template: 'layer_avl', size: 'tiny', created: 'yesterday' };
    await writeFile(join(folder, 'encoder.json'), JSON.stringify(unknown));
    expect(await readPretrainingRun(folder)).not.toHaveProperty('created', 'yesterday');
    expect(reportBody(await readPretrainingRun(folder))).toContain('<dd>finished</dd>');
  });

  it('is found while it is under way, by the name of the encoder or of its own folder', async () => {
    const folder = await write('under-way.training', steps(3), '{"step":4,"wor');
    for (const name of [folder, join(root, 'under-way')]) {
      expect(await readPretrainingRun(name)).toMatchObject({ name: 'under-way', finished: false });
    }
  });

  it('is the one under way, where its log has lines and is newer than that of the encoder it will replace', async () => {
    const old = await write('twice', steps(20));
    const next = await write('twice.training', []);
    const read = async (seconds: number) => {
      await utimes(join(old, 'log.jsonl'), 1000, 1000);
      await utimes(join(next, 'log.jsonl'), seconds, seconds);
      const { finished, lines } = await readPretrainingRun(old);
      return { finished, lines: lines.length };
    };
    expect(await read(1001)).toEqual({ finished: true, lines: 20 });
    await write('twice.training', steps(3));
    expect(await read(1001)).toEqual({ finished: false, lines: 3 });
    expect(await read(999)).toEqual({ finished: true, lines: 20 });
  });

  it('that went on from a checkpoint counts its later lines', async () => {
    const later = { ...line(7), alignment: { 'average linkage': 0.25 } };
    const run = await readPretrainingRun(await write('resumed', [...steps(6), line(8), line(9), later, line(9)]));
    expect(run.lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 9]);
    expect(run.lines[6]!.alignment).toEqual({ 'average linkage': 0.25 });
  });

  it('is refused where it is none, empty or damaged', async () => {
    await expect(readPretrainingRun(root)).rejects.toThrow(
      `${root}: there is no log.jsonl; name the folder of an encoder that crosstag pretrain has made, or wait: one that is trained has it from its third minute on`,
    );
    const empty = await write('empty', []);
    await expect(readPretrainingRun(empty)).rejects.toThrow(
      'log.jsonl: nothing has been logged yet; a line comes every 100 steps',
    );
    const damaged = await write('damaged', [line(1), { step: 'two' }, line(3)]);
    await expect(readPretrainingRun(damaged)).rejects.toThrow('log.jsonl:2:1: this is no line of a pre-training log; ');
  });
});

describe('curves', () => {
  it('of an alignment stand in one chart, a curve for each pair of languages', async () => {
    const pairs = ['average linkage: en-አማ', 'average linkage: en-sw'];
    const alignment = { ...Object.fromEntries(pairs.map((name) => [name, 1])), 'word list: en-አማ': 2 };
    const run = await readPretrainingRun(await write('three', [{ ...line(1), alignment }]));
    const found = curvesOf(run).filter(({ title }) => title.startsWith('Alignment'));
    expect(found.map(({ title }) => title)).toEqual(['Alignment: average linkage', 'Alignment: word list']);
    expect(found.map(({ series }) => series.map(({ name }) => name))).toEqual([pairs, ['word list: en-አማ']]);
    expect(new Set(found[0]!.series.map(({ colour }) => colour)).size).toBe(2);
  });

  it('are perplexity by language and direction, training loss, and each alignment loss', async () => {
    const charts = curvesOf(await readPretrainingRun(await write('curves', steps(20))));
    expect(charts.map(({ title }) => title)).toEqual([
      'Perplexity',
      'Training loss',
      'Alignment: average linkage',
      'Alignment: word <list>',
    ]);
    expect(charts[0]!.at).toEqual([10_000, 20_000]);
    expect(charts[0]!.series.map(({ name, values, dashed }) => [name, values, dashed])).toEqual([
      ['en forward', [890, 880], false],
      ['en backward', [890.5, 880.5], true],
      ['አማ forward', [790, 780], false],
      ['አማ backward', [790.5, 780.5], true],
    ]);
    expect(charts[2]!.series[0]!.values).toHaveLength(20);
  });

  it('have gaps where a training ran away, and no point of an evaluation alone', async () => {
    const { loss: _, ...evaluation } = line(2, true);
    const wild = { ...line(2), alignment: { 'average linkage': null } };
    const charts = curvesOf(await readPretrainingRun(await write('wild', [line(1), wild, evaluation])));
    expect(charts[0]!.series[0]!.values).toEqual([898]);
    expect(charts[1]!.at).toEqual([1000, 2000]);
    expect(charts[2]!.series[0]!.values).toEqual([1.99, null]);
  });

  it('of a long run are means of neighbours, and every evaluation stays', async () => {
    const charts = curvesOf(await readPretrainingRun(await write('long', steps(1000))));
    expect(charts[0]!.at).toHaveLength(100);
    expect(charts[1]!.at).toHaveLength(334);
    expect(charts[2]!.at.slice(0, 2)).toEqual([3000, 6000]);
    expect(charts[2]!.series[0]!.values[0]).toBeCloseTo(2 - 2 / 100, 10);
    expect(charts[1]!.at.at(-1)).toBe(1_000_000);
  });
});

describe('the page', () => {
  const script = 'document.title += "</script>";';
  const style = 'main { color: red }';

  it('holds the data of the curves, and the same as tables', async () => {
    const run = await readPretrainingRun(await write('page', steps(200)));
    const html = reportPage(run, { script, style });
    expect(embedded(html)).toEqual(JSON.parse(JSON.stringify(curvesOf(run))));
    expect(html).toContain('<th scope="row">200,000</th><td>700</td><td>700.5</td><td>600</td><td>600.5</td>');
    expect(html).toContain('en forward from 890 to 700; ');
    expect(html.match(/role="img" aria-labelledby="title-\d"/g)).toHaveLength(4);
    expect(html.match(/<details/g)).toHaveLength(4);
    for (const table of html.match(/<tbody>.*?<\/tbody>/gs)!) expect(table.match(/<tr>/g)!.length).toBeLessThan(52);
  });

  it('lets only its own script and style in, each by its hash, and asks for nothing else', async () => {
    const html = reportPage(await readPretrainingRun(await write('csp', steps(10))), { script, style });
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
    const hashes = (tag: string) =>
      [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, content]) => {
        return `'sha256-${createHash('sha256').update(content!).digest('base64')}'`;
      });
    expect(hashes('script')).toHaveLength(1);
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashes('script')[0]}; style-src ${hashes('style')[0]}; base-uri 'none'; form-action 'none'`,
    );
    expect(html).not.toMatch(/https?:|\ssrc=|\shref=|\sstyle=|\son\w+=|@import|url\(/);
  });

  it('shows names as text, whatever is in them', async () => {
    const body = reportBody(await readPretrainingRun(await write('names<b>', steps(10))));
    expect(body).not.toContain('<b>');
    expect(body).not.toContain('word <list>');
    expect(embedded(body)[3]!.title).toBe('Alignment: word <list>');
  });

  it('says that there is no perplexity before the first evaluation', async () => {
    const body = reportBody(await readPretrainingRun(await write('early', [line(1), line(2)])));
    expect(body).toContain('Perplexity has not been measured yet.');
    expect(embedded(body)[0]!.title).toBe('Training loss');
    expect(body).toContain('average linkage from 1.99 to 1.98; over 2,000 words seen.');
    const first = reportBody(await readPretrainingRun(await write('first', [line(1)])));
    expect(first).toContain('average linkage 1.99; over 1,000 words seen.');
  });
});
