// The numbers of every run, one line each in docs/experiments.jsonl: runs stay on the machine that made them, their numbers
// go with the sources.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const RECORDS = 'docs/experiments.jsonl';

/** What is known of every run, by its id. */
export function readRecords(path = RECORDS) {
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => JSON.parse(line)).map((record) => [record.id, record]));
}

/**
 * Takes over what the runs of this machine found, where it is newer.
 * @param out folder of the whole results
 * @param ids of all runs, in the order of the file
 * @returns what is known of every run then
 */
export function takeOver(out, ids, path = RECORDS) {
  const records = readRecords(path);
  for (const name of readdirSync(out)) {
    if (!name.endsWith('.json')) continue;
    const fresh = summaryOf(JSON.parse(readFileSync(join(out, name), 'utf8')));
    const known = records.get(fresh.id);
    if (known === undefined || known.date <= fresh.date) records.set(fresh.id, fresh);
  }
  const placeOf = ({ id }) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
  const sorted = [...records.values()].sort((a, b) => placeOf(a) - placeOf(b));
  writeFileSync(`${path}.new`, sorted.map((record) => `${JSON.stringify(record)}\n`).join(''));
  renameSync(`${path}.new`, path);
  return new Map(sorted.map((record) => [record.id, record]));
}

/** What of a run's result stands in a table, and the command that gave it. */
function summaryOf({ id, date, command, result }) {
  const words = command.map((word) => relative(relative(word, '../shared/data'), '.'));
  return { ...numbersOf(id, date.slice(0, 10), command, result), command: words.join(' ') };
}

/** An argument without what is of this machine alone. */
const relative = (word, folder) => word.replaceAll(resolve(folder), folder);

function numbersOf(id, date, command, result) {
  const [kind] = command;
  if (kind === 'bli') return { id, date, cosine: percent(result.p1), csls: percent(result.csls_p1) };
  if (kind === 'train') {
    const by = { source: percent(main(result.test[0])), target: percent(main(result.by_target_dev?.test?.[0])) };
    return { id, date, ...by };
  }
  const { steps, words, seconds } = result;
  const perplexity = Object.fromEntries(
    Object.entries(result.perplexity).map(([language, { forward, backward }]) => [
      language,
      [Math.round(forward), Math.round(backward)],
    ]),
  );
  const engine = command[command.indexOf('--engine') + 1];
  return { id, date, engine, steps, words, minutes: Math.round(seconds / 60), perplexity };
}

const main = (score) => score?.f1 ?? score?.accuracy;
const percent = (value) => (value === undefined ? undefined : Number(value.toFixed(2)));
