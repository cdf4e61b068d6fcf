// npm run experiments: the numbers of docs/results.md. Every run leaves its result in out/experiments and is not done again here;
// an interrupted pre-training or training goes on where it stood. Its numbers go into docs/experiments.jsonl. Hours, on the
// corpora in ../shared/data.
//   npm run experiments                          everything that is not done on this machine yet
//   npm run experiments -- --missing             only what docs/experiments.jsonl lacks, with the encoders that it needs
//   npm run experiments -- --only ner-es         the run of that name, or those whose name begins so; may be repeated
//   npm run experiments -- --minutes 120         minutes of every pre-training (default 120)
//   npm run experiments -- --steps 5000          most steps of every pre-training
//   npm run experiments -- --threads 2           threads of every run (default: cores - 1)
//   npm run experiments -- --engine cuda         what computes the pre-trainings (default: cpu)
//   npm run experiments -- --list                what there is, and what is done
//   npm run experiments -- --tables              runs nothing: writes the numbers and the tables of what there is
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { ingredients, plan } from './experiments/plan.mjs';
import { readRecords, takeOver } from './experiments/records.mjs';
import { writeTables } from './experiments/tables.mjs';
import { copyProgram, corporaFor, runCommand } from './program.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    minutes: { type: 'string', default: '120' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    engine: { type: 'string', default: 'cpu' },
    missing: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    tables: { type: 'boolean', default: false },
  },
});

const data = corporaFor('experiments');
const out = resolve('out/experiments');
mkdirSync(out, { recursive: true });

const resultOf = (id) => join(out, `${id}.json`);
const isDone = (id) => existsSync(resultOf(id));
const all = plan({ data, out, minutes: flags.minutes, steps: flags.steps, engine: flags.engine });
const named = (name) => {
  const exact = all.filter(({ id }) => id === name);
  const found = exact.length > 0 ? exact : all.filter(({ id }) => id.startsWith(name));
  if (found.length > 0) return found;
  console.error(`no experiment has a name that begins with ${name}; --list shows all`);
  process.exit(2);
};
const known = readRecords();
const runs = new Set(flags.only.flatMap(named).filter(({ id }) => !flags.missing || !known.has(id)));
if (flags.list) {
  for (const { id, args } of runs) {
    const state = isDone(id) ? 'done ' : known.has(id) ? 'known' : '     ';
    // Of what was run, the command that was; older records do not hold it.
    console.log(`${state}  ${id}: crosstag ${known.get(id)?.command ?? args.join(' ')}`);
  }
} else {
  if (!flags.tables) {
    makeIngredients();
    const program = copyProgram(out);
    for (const run of runs) {
      const encoder = all.find(({ id }) => id !== run.id && run.args.includes(join(out, id)));
      for (const needed of encoder ? [encoder, run] : [run]) if (!isDone(needed.id)) await perform(program, needed);
    }
  }
  writeTables(
    takeOver(
      out,
      all.map(({ id }) => id),
    ),
  );
}

/** The files that runs read besides the corpora. */
function makeIngredients() {
  for (const { path, parts, sentences, without = [] } of ingredients({ data, out })) {
    if (existsSync(path)) continue;
    const text = parts
      .map((part) => (part.endsWith('.gz') ? gunzipSync(readFileSync(part)) : readFileSync(part)))
      .join('')
      .replace(/\S+$/gm, (label) => (without.includes(label.slice(2)) ? 'O' : label));
    const chosen = (all) => `${sentences.map((i) => all[i]).join('\n\n')}\n`;
    replaceFile(path, sentences === undefined ? text : chosen(text.split(/\n\s*\n/)));
  }
}

/** Runs a command of the command line with --json and keeps what it says, with the command and the time. */
async function perform(program, { id, args }) {
  const command = [...args, ...(flags.threads ? ['--threads', flags.threads] : []), '--json'];
  const started = Date.now();
  const said = await runCommand(program, id, command);
  const date = new Date(started).toISOString();
  const record = { id, command, date, seconds: (Date.now() - started) / 1000, result: JSON.parse(said) };
  replaceFile(resultOf(id), `${JSON.stringify(record, undefined, 1)}\n`);
}

/** What is there is trusted by later runs: it is there as a whole, or not at all. */
function replaceFile(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
