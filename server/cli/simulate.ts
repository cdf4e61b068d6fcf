// `crosstag simulate`: learning curves with an annotator who answers from gold labels.
import { basename } from 'node:path';
import type { Argv } from 'yargs';
import { STRATEGIES, type Strategy, UNITS, type Unit } from '../learning/acquisition/index.ts';
import { simulate as play, type Round, type SimulationOptions } from '../learning/simulation/simulation.ts';
import { hashSentences, RememberingTagger, readDescription } from '../tagger/index.ts';
import { InputError } from '../text/index.ts';
import { type ArgumentsOf, defineCommand, wholeNumber, withGeneral, withReading } from './command.ts';
import { forModel, type LabelledFile, readLabelled, sharedTask, TASK_NAMES } from './data.ts';
import { print, say } from './output.ts';
import { startProgress } from './progress.ts';
import { type Run, SimulationFile, type SimulationLine } from './simulation-file.ts';
import { withTagger } from './tagging.ts';

const DEFAULT = { strategy: 'mixed', unit: 'span' } as const;

function options(yargs: Argv) {
  return withGeneral(withReading(yargs))
    .option('pool', {
      type: 'string',
      demandOption: true,
      describe: 'Labelled file whose labels are asked for bit by bit',
    })
    .option('test', { type: 'string', demandOption: true, describe: 'Labelled file that every round is scored on' })
    .option('start', { type: 'string', describe: 'Folder of the model to start from (default: from nothing)' })
    .option('language', {
      type: 'string',
      describe: 'Language of the text (BCP 47): how the encoder of the model reads it',
    })
    .option('strategy', {
      type: 'string',
      default: DEFAULT.strategy as string,
      describe: `What is asked for, separated by commas: ${STRATEGIES.join(', ')}; random always runs beside them`,
    })
    .option('unit', {
      type: 'string',
      default: DEFAULT.unit as string,
      describe: `What a question is about, separated by commas: ${UNITS.join(', ')}; random asks for sentences`,
    })
    .option('batch', { type: 'number', default: 1000, describe: 'Tokens that are labelled in a round' })
    .option('growth', {
      type: 'number',
      default: 1,
      describe: 'Each round labels so many times as many as the one before',
    })
    .option('rounds', { type: 'number', default: 10, describe: 'Rounds' })
    .option('seeds', { type: 'number', default: 1, describe: 'Runs of each strategy, with the seeds from --seed on' })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' })
    .option('out', {
      type: 'string',
      describe: 'File of JSON lines that grows; runs that are whole in it are not done again',
    })
    .option('json', { type: 'boolean', default: false, describe: 'JSON lines, a round each, instead of a table' })
    .check(({ strategy, unit, batch, growth, rounds, seeds }) => {
      if (!(growth >= 1 && growth <= 10)) throw new Error('--growth takes a number from 1 to 10');
      namesOf('--strategy', strategy, STRATEGIES);
      namesOf('--unit', unit, UNITS);
      return wholeNumber('--batch', batch, 1) && wholeNumber('--rounds', rounds, 1) && wholeNumber('--seeds', seeds, 1);
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const simulate = defineCommand({
  usage: 'simulate',
  summary: 'Learning curves with an annotator who answers from gold labels',
  example: [
    '$0 simulate --pool samples/portuguese/dev.iob2 --test samples/portuguese/test.iob2 --strategy mnlp,mixed --unit span',
    'what each strategy reaches with how many labelled tokens',
  ],
  options,
  resume: ({ out }) =>
    out === undefined
      ? 'with --out, whole runs would be kept'
      : `whole runs are in ${out}: run the same command again to go on`,
  async run(args, { signal }) {
    const [pool, test] = await readBoth(args);
    const task = sharedTask([pool, test]);
    const runs = runsOf(args);
    const { batch, growth, rounds, language, start } = args;
    const identity = await identityOf(pool, test, start);
    const same = { ...identity, language: language ?? null, batch, growth, rounds };
    const file = args.out === undefined ? undefined : await SimulationFile.open(args.out, same);
    const common = { task, pool: forModel(pool), test: forModel(test), language, batch, growth, rounds, signal };
    if (!args.json) await print(HEADER);
    const work = async (base: SimulationOptions['base']) => {
      for (const [number, run] of runs.entries()) {
        const known = file?.linesOf(run);
        const note = `run ${number + 1} of ${runs.length}, ${run.strategy}, seed ${run.seed}`;
        const lines = known ?? (await playOne({ ...common, ...run, base }, run, args, note));
        if (known) for (const line of known) await show(line, args);
        else await file?.add(lines);
      }
    };
    if (start === undefined) await work(undefined);
    else {
      await withTagger(start, { ...args, signal }, (tagger) => {
        if (tagger.task === task) return work(new RememberingTagger(tagger));
        const what = `the model gives ${TASK_NAMES[tagger.task]}, but the files hold ${TASK_NAMES[task]}`;
        throw new InputError(what, 'name another model with --start', { path: start });
      });
    }
    return 0;
  },
});

/** Names from a list. @throws Error for others */
function namesOf<T extends string>(flag: string, given: string, known: readonly T[]): T[] {
  return given.split(',').map((name) => {
    const found = known.find((each) => each === name.trim());
    if (found === undefined) throw new Error(`${flag} knows ${known.join(', ')}, not ${name.trim() || 'nothing'}`);
    return found;
  });
}

async function readBoth({ pool, test, format, lenient, task }: Arguments): Promise<[LabelledFile, LabelledFile]> {
  return [await readLabelled(pool, { format, lenient, task }), await readLabelled(test, { format, lenient, task })];
}

/** What tells simulations apart, wherever their files lie: names with the beginning of a hash of their content. */
async function identityOf(pool: LabelledFile, test: LabelledFile, start: string | undefined) {
  const name = (path: string, hash: string) => `${basename(path)} ${hash.slice(0, 16)}`;
  const [first, second] = [pool, test].map((file) => name(file.path, hashSentences(forModel(file))));
  const model = start === undefined ? null : name(start, (await readDescription(start)).weights.sha256);
  return { pool: first, test: second, start: model };
}

/** Random first, then every strategy with every unit, seed by seed. */
function runsOf({ strategy, unit, seed, seeds }: Arguments): Run[] {
  const runs: Run[] = [];
  const strategies = new Set<Strategy>(namesOf('--strategy', strategy, STRATEGIES));
  const units = new Set<Unit>(namesOf('--unit', unit, UNITS));
  strategies.delete('random');
  for (let each = seed; each < seed + seeds; each++) {
    runs.push({ strategy: 'random', unit: 'sentence', seed: each });
    for (const name of strategies) for (const what of units) runs.push({ strategy: name, unit: what, seed: each });
  }
  return runs;
}

async function playOne(
  options: SimulationOptions,
  run: Run,
  args: Arguments,
  note: string,
): Promise<readonly SimulationLine[]> {
  const progress = startProgress();
  const lines: SimulationLine[] = [];
  const began = performance.now();
  try {
    for await (const round of play(options)) {
      const line = lineOf(run, round, options.task);
      lines.push(line);
      progress.stop();
      await show(line, args);
      const { rounds } = options;
      const passed = (performance.now() - began) / 1000;
      const left = round.round === 0 ? undefined : (passed / round.round) * (rounds - round.round);
      progress.show({ done: round.round, total: rounds, note, rate: '', left });
    }
  } finally {
    progress.stop();
  }
  if (lines.length === 0) say(`${note}: nothing to label`);
  return lines;
}

function lineOf(run: Run, { round, tokens, sentences, score, seconds }: Round, task: 'ner' | 'pos'): SimulationLine {
  return {
    ...run,
    round,
    labelled_tokens: tokens,
    labelled_sentences: sentences,
    ...(task === 'ner' ? { f1: score } : { accuracy: score }),
    seconds,
  };
}

const HEADER = `${'strategy'.padEnd(10)} ${'unit'.padEnd(9)} seed   tokens  sentences   score\n`;

async function show(line: SimulationLine, { json }: Arguments): Promise<void> {
  if (json) return print(`${JSON.stringify(line)}\n`);
  const score = (line.f1 ?? line.accuracy ?? 0).toFixed(2);
  const cells = [
    line.strategy.padEnd(10),
    line.unit.padEnd(9),
    String(line.seed).padStart(4),
    String(line.labelled_tokens).padStart(8),
    String(line.labelled_sentences).padStart(10),
    score.padStart(7),
  ];
  return print(`${cells.join(' ')}\n`);
}
