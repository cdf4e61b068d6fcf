// npm run simulations: the learning curves of docs/results.md, with an annotator who answers from gold labels. Whole runs stay in
// out/simulations and are not done again. Hours, on the corpora in ../shared/data.
//   npm run simulations                          everything that is not done yet
//   npm run simulations -- --only es             one corpus (es, swa, yor, pt); may be repeated
//   npm run simulations -- --stages 2            the first stages only (scripts/simulations/plan.mjs)
//   npm run simulations -- --seeds 3             runs of each strategy
//   npm run simulations -- --start DIR           the zero-shot Spanish model (default: one that npm run experiments made)
//   npm run simulations -- --out DIR             where the runs stay
//   npm run simulations -- --tables              writes tables and curves of what there is, whatever the page knows besides
//   npm run simulations -- --list                what there is, and what is done
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { copyProgram } from './program.mjs';
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

if (flags.list) {
  for (const { id, args, file, runs } of steps) {
    const known = new Set(readRuns(file).map(({ key }) => key));
    console.log(`${runs.every((key) => known.has(key)) ? 'done' : '    '}  ${id}: crosstag ${args.join(' ')}`);
  }
} else {
  if (!flags.tables) {
    const program = copyProgram(out);
    // All of them: the command itself knows which runs its file holds, and refuses one of another model
    for (const step of steps) await perform(program, step);
  }
  writeResults(out, all, flags.tables);
}

async function perform(program, { id, args }) {
  console.log(`${new Date().toISOString()} ${id}: crosstag ${args.join(' ')}`);
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const status = await new Promise((ended) => child.on('close', ended));
  if (status !== 0) process.exit(status ?? 130);
}
