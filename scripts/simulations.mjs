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
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { copyProgram, corporaFor, runCommand } from './program.mjs';
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

const data = corporaFor('simulations');
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
    for (const { id, args } of steps) await runCommand(program, id, args);
  }
  writeResults(out, all, flags.tables);
}
