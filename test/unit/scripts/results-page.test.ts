// Scripts write their tables into docs/results.md and lose no rows that other machines have measured.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MODULE = pathToFileURL(resolve('scripts/results-page.mjs')).href;
const page = (rows: string) =>
  `# Results\n\n<!-- trials: written by npm run trials -->\n\n### Spanish\n\n| encoder | F1 |\n| --- | --- |\n${rows}\n\n<!-- /trials -->\n\nWhat they say.\n`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-results-'));
  await mkdir(join(folder, 'docs'));
  await writeFile(join(folder, 'docs/results.md'), page('| none | 40.9 |\n| own | 56.6 |'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a table of these rows. @returns whether it was written, and the page */
async function write(rows: readonly (readonly string[])[], force = false) {
  const program = `
    import { table, writeSections } from '${MODULE}';
    const text = '### Spanish\\n\\n' + table(['encoder', 'F1'], ${JSON.stringify(rows)});
    console.log(writeSections('trials', ['', text], ${force}));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { written: said.trim(), text: await readFile(join(folder, 'docs/results.md'), 'utf8') };
}

it('writes new numbers and new rows between the marks', async () => {
  const rows = ['none | 41.0', 'own | 56.6', 'list | 59.3'];
  const { written, text } = await write(rows.map((row) => row.split(' | ')));
  expect(written).toBe('true');
  expect(text).toBe(page(rows.map((row) => `| ${row} |`).join('\n')));
});

it('leaves the page as it is where a row of it has not been measured here, unless it is told to', async () => {
  expect(await write([['own', '57.0']])).toEqual({
    written: 'false',
    text: page('| none | 40.9 |\n| own | 56.6 |'),
  });
  expect(await write([['own', '57.0']], true)).toEqual({ written: 'true', text: page('| own | 57.0 |') });
});
