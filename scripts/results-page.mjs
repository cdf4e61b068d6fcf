// Tables of docs/results.md that scripts write: between two marks, the rest of the page stays.
import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/results.md';

/**
 * Writes what `npm run <name>` found. Runs stay on the machine that made them: where the page knows some that are not
 * here, it is left as it is.
 * @param sections of the page, each with a `### ` heading
 * @param force writes it all the same
 * @returns whether it was written
 */
export function writeSections(name, sections, force) {
  const [start, end] = [`<!-- ${name}: written by npm run ${name} -->`, `<!-- /${name} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.indexOf(start), page.indexOf(end)];
  if (before < 0 || after < 0) throw new Error(`${PAGE} lacks its marks`);
  const text = sections.filter((section) => section !== '').join('\n\n');
  const here = rowsOf(text);
  const missing = [...rowsOf(page.slice(before, after))].filter((row) => !here.has(row));
  if (missing.length > 0 && !force) {
    console.error(
      `${PAGE} stays as it is: the runs of ${missing.length} of its rows are not here (${missing[0]}); --tables writes it all the same`,
    );
    return false;
  }
  writeFileSync(PAGE, `${page.slice(0, before)}${start}\n\n${text}\n\n${page.slice(after)}`);
  return true;
}

/** Each row of each table by its section and its first cell. */
function rowsOf(text) {
  let section = '';
  const rows = new Set();
  for (const line of text.split('\n')) {
    if (line.startsWith('### ')) section = line.slice(4);
    if (line.startsWith('| ')) rows.add(`${section}: ${line.split(' | ')[0].slice(2)}`);
  }
  return rows;
}

const row = (cells) => `| ${cells.join(' | ')} |`;
/** A table in Markdown. */
export const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
