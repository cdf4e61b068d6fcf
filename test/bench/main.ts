// The benchmark: ours and the peers alternately in one go, ratios at the end of each part.
//   npm run bench -- [--only NAME,...] [--engines NAME,...] [--rounds N] [--threads N] [--gigabytes N] [--no-peers]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { chooseEngine, type Engine } from '../../server/tensor/index.ts';
import { corpusMemory } from './corpus-memory.ts';
import { deepStep } from './deep.ts';
import { editorLatency } from './editor.ts';
import { encoderMemory } from './encoder-memory.ts';
import { encoderStates } from './encoder-states.ts';
import { encoderStep } from './encoder-step.ts';
import { encoderTables } from './encoder-tables.ts';
import { keyboardLoop } from './keys.ts';
import { quickLearner } from './learner.ts';
import { peersPython } from './peers.ts';
import { serverLatency } from './server.ts';
import { taggingSpeed } from './tagging.ts';
import { wideQuality } from './wide.ts';

export interface BenchOptions {
  /** Python of the peers; undefined: ours alone. */
  readonly python: string | undefined;
  readonly rounds: number;
  readonly threads: number;
  /** Size of the text of `corpus-memory`. */
  readonly gigabytes: number;
  /** What computes in the parts that train or run a network: `deep-step`, `encoder-step`, `encoder-tables`, `encoder-states`. */
  readonly engines: readonly Engine[];
}

/** One part of the benchmark; it prints its own tables. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Why it cannot run here unless it is asked for by name. */
  readonly unfit?: () => string | undefined;
  run(options: BenchOptions): Promise<void>;
}

const PARTS: readonly Bench[] = [
  deepStep,
  wideQuality,
  taggingSpeed,
  serverLatency,
  keyboardLoop,
  editorLatency,
  quickLearner,
  encoderStep,
  encoderTables,
  encoderStates,
  encoderMemory,
  corpusMemory,
];

const usage = `npm run bench -- [--only NAME,...] [--engines NAME,...] [--rounds N] [--threads N] [--gigabytes N] [--no-peers]

${PARTS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join('\n')}

deep-step, encoder-step, encoder-tables and encoder-states run on each of the engines (default cpu; webgpu, cuda, tensorflow),
all but encoder-tables beside PyTorch on the same kind of device.

The peers (PyTorch, CRFsuite) need Python 3 with venv, and the network when they are installed into .cache/peers, or
CROSSTAG_PEERS_PYTHON with them. The corpora of ../shared are used where they are; without them, samples/.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      engines: { type: 'string', default: 'cpu' },
      rounds: { type: 'string', default: '3' },
      threads: { type: 'string', default: '2' },
      gigabytes: { type: 'string', default: '5' },
      'no-peers': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const names = values.only?.split(',') ?? PARTS.map(({ name }) => name);
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) throw new Error(`no part of the benchmark is called ${unknown.join(', ')}\n\n${usage}`);
  const threads = Number(values.threads);
  const gigabytes = Number(values.gigabytes);
  if (!(gigabytes > 0)) throw new Error('--gigabytes takes a number above 0');
  const engines: Engine[] = [];
  for (const name of values.engines.split(',')) engines.push(await chooseEngine(name, threads));
  const options: BenchOptions = {
    python: values['no-peers'] ? undefined : peersPython(),
    rounds: Number(values.rounds),
    threads,
    gigabytes,
    engines,
  };
  const date = new Date().toISOString().slice(0, 10);
  console.log(`${date}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}`);
  for (const part of PARTS) {
    if (!names.includes(part.name)) continue;
    const unfit = values.only === undefined ? part.unfit?.() : undefined;
    if (unfit === undefined) await part.run(options);
    else console.log(`\n${part.name}: left out, ${unfit}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
