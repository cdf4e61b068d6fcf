// npm run simulations: the learning curves of docs/results.md, with an annotator who answers from gold labels. Whole runs stay in
// out/simulations and are not done again. Hours, on the corpora in ../shared/data.
//   npm run simulations                          everything that is not done yet
//   npm run simulations -- --only es             one corpus (es, swa, yor, pt); may be repeated
//   npm run simulations -- --stages 2            the first stages only (scripts/simulations/plan.mjs)
//   npm run simulations -- --seeds 3             runs of each strategy
//   npm run simulations -- --start DIR           the zero-shot Spanish model (default: one that npm run experiments made)
//   npm run simulations -- --out DIR             where the runs stay
//   npm run simulations -- --tables              writes tables and curves of what there is
//   npm run simulations -- --list                what there is, and what is done
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { corporaOf, plan } from './simulations/plan.mjs';
import { readRuns } from './simulations/runs.mjs';
import { writeResults } from './simulations/tables.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    stages: { type: 'string', default: '9' },
    seeds: { type: 'string', default: '3' },
    start: { type: 'string', default: 'out/experiments/models/ner-es-iden_avl-1' },
    out: { type: 'string', default: 'out/simulations' },
    tables: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const data = resolve('../shared/data');
if (!existsSync(data)) {
  console.error(`${data}: the corpora of the simulations are not here; they may not be shipped (see docs/results.md)`);
  process.exit(2);
}
const out = resolve(flags.out);
mkdirSync(out, { recursive: true });
const all = corporaOf(data, { es: resolve(flags.start) });
const corpora = all.filter(({ id }) => flags.only === undefined || flags.only.includes(id));
const steps = plan({ corpora, out, seeds: Number(flags.seeds) }).filter(({ stage }) => stage <= Number(flags.stages));

// A build in the meantime does not change the program of a run that takes hours.
const program = join(out, `program-${process.pid}`);
const works = !flags.list && !flags.tables;
if (works) cpSync('dist', program, { recursive: true });
try {
  for (const step of steps) {
    const known = new Set(readRuns(step.file).map(({ key }) => key));
    const done = step.runs.every((key) => known.has(key));
    if (flags.list) console.log(`${done ? 'done' : '    '}  ${step.id}: crosstag ${step.args.join(' ')}`);
    else if (!done && works) await perform(step);
  }
} finally {
  rmSync(program, { recursive: true, force: true });
}
if (!flags.list) writeResults(out, all);

async function perform({ id, args }) {
  console.log(`${new Date().toISOString()} ${id}: crosstag ${args.join(' ')}`);
  const child = spawn(process.execPath, [join(program, 'cli.cjs'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const status = await new Promise((ended) => child.on('close', ended));
  if (status === 0) return;
  rmSync(program, { recursive: true, force: true });
  process.exit(status ?? 130);
}
