// crosstag report as a user runs it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crosstag, start, temporaryFolder } from './run.ts';

const folder = temporaryFolder();
const encoder = join(folder, 'pt-wo');
mkdirSync(encoder);
const both = (value: number) => ({ pt: { forward: value, backward: value }, wo: { forward: value, backward: value } });
const line = { step: 1, words: 640, seconds: 2, loss: both(9), alignment: { 'average linkage': 1.5 } };
writeFileSync(join(encoder, 'log.jsonl'), `${JSON.stringify({ ...line, perplexity: both(812.5) })}\n`);

describe('report', () => {
  it('writes one page beside the encoder, with the charts of uPlot and its licence inside', async () => {
    const { status, stdout, stderr } = await crosstag(['report', encoder]);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: '',
      stderr: `${encoder}.html: the report of pt-wo, finished\n`,
    });
    const html = readFileSync(`${encoder}.html`, 'utf8');
    expect(html).toContain('Leon Sorokin');
    expect(html).toContain('.u-legend');
    expect(html).toContain('812.5');
    expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)|https?:/);
  });

  it('goes to stdout on request, and tells scripts', async () => {
    const page = await crosstag(['report', encoder, '--out', '-']);
    expect(page.stdout).toBe(readFileSync(`${encoder}.html`, 'utf8'));
    const json = await crosstag(['report', encoder, '--out', join(folder, 'other.html'), '--json']);
    expect(JSON.parse(json.stdout)).toEqual({
      report: join(folder, 'other.html'),
      finished: true,
      steps: 1,
      words: 640,
      seconds: 2,
      perplexity: both(812.5),
      alignment: { 'average linkage': 1.5 },
    });
  });

  it('shows the dashboard of a folder with a project', async () => {
    const workspace = join(folder, 'news');
    mkdirSync(workspace);
    const languages = [{ language: 'am', documents: ['a.txt', 'b.conll'] }];
    writeFileSync(join(workspace, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
    writeFileSync(join(workspace, 'a.txt'), 'አዲስ አበባ ውብ ናት።\n');
    writeFileSync(join(workspace, 'a.ann'), 'T1\tLOC 0 8\tአዲስ አበባ\n');
    writeFileSync(join(workspace, 'b.conll'), 'मुंबई B-LOC\nहै O\n\nहै _\n\n');
    const { status, stdout, stderr } = await crosstag(['report', workspace, '--json']);
    const page = join(workspace, 'dashboard.html');
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${page}: the dashboard of news\n` });
    expect(JSON.parse(stdout)).toEqual({
      ...{ report: page, documents: 2, sentences: 3, tokens: 8, reviewed: 0, decided: 4, conflicts: 0 },
      ...{ retrainings: 0, waiting: { corrections: 0, after: 100 } },
    });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<th scope="row"><bdi>LOC</bdi></th><td>0</td><td>2</td><td>2</td>');
    expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)|https?:/);
  });

  it.each(['report', 'status'])('ends at the first Ctrl+C while it reads documents: %s', async (command) => {
    const workspace = join(folder, `many-${command}`);
    mkdirSync(join(workspace, 'texts'), { recursive: true });
    const languages = [{ language: 'am', documents: ['texts'] }];
    writeFileSync(join(workspace, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
    // The warning of the first one tells that it is at work, and far from the end.
    writeFileSync(join(workspace, 'texts', '0.conll'), Uint8Array.of(0xff, 0xfe, 0xfd));
    const text = 'አዲስ B-LOC\nአበባ I-LOC\n\n'.repeat(3000);
    for (let i = 1; i <= 300; i++) writeFileSync(join(workspace, 'texts', `${i}.conll`), text);
    const { child, end } = start([command, workspace]);
    child.stderr.once('data', () => child.kill('SIGINT'));
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toMatch(/^warning: .*0\.conll.*\ncrosstag: interrupted; nothing was written\n$/);
    expect(existsSync(join(workspace, 'dashboard.html'))).toBe(false);
  });

  it('says what is wrong with a folder that is no encoder, and writes nothing', async () => {
    const { status, stdout, stderr } = await crosstag(['report', folder, '--out', join(folder, 'none.html')]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      `${folder}: there is no log.jsonl; name the folder of an encoder that crosstag pretrain has made, or wait: one that is trained has it from its third minute on\n`,
    );
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });
});
