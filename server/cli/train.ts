// `crosstag train`: trains a tagger from labelled files into a model folder.
import { existsSync } from 'node:fs';
import type { Argv } from 'yargs';
import { type LabelledSentence, type TrainOptions, type TrainReport, trainTagger } from '../tagger/index.ts';
import { fileError } from '../text/index.ts';
import {
  type ArgumentsOf,
  defineCommand,
  fromYargs,
  wholeNumber,
  withGeneral,
  withJson,
  withReading,
} from './command.ts';
import { forModel, type LabelledFile, readLabelled, sharedTask } from './data.ts';
import { print, printJson, say } from './output.ts';
import { startProgress } from './progress.ts';
import { scoreAsJson, scoreAsText } from './score.ts';
import { scoreModel } from './tagging.ts';
import { showTraining } from './training-progress.ts';

function options(yargs: Argv) {
  return withGeneral(withReading(withJson(yargs)))
    .option('train', { type: 'string', array: true, demandOption: true, describe: 'Labelled files to learn from' })
    .option('weights', {
      type: 'string',
      array: true,
      describe: 'FILE=W: the sentences of this file of --train count W times (default: 1)',
    })
    .option('dev', {
      type: 'string',
      describe: 'Labelled file that chooses the best checkpoint (default: a tenth of --train)',
    })
    .option('test', { type: 'string', array: true, describe: 'Labelled files to score the model on' })
    .option('out', { type: 'string', demandOption: true, describe: 'Folder of the model' })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' })
    .option('parts', {
      choices: ['wide', 'deep', 'both'] as const,
      default: 'both' as const,
      describe: 'wide: discrete features, seconds; deep: BiLSTM, minutes; both: their scores add up',
    })
    .option('language', { type: 'string', describe: 'Language of the text (BCP 47), for the record' })
    .option('epochs', { type: 'number', describe: 'Most epochs of the deep part' })
    .option('minutes', { type: 'number', describe: 'Most minutes of the deep part' })
    .check((args) => {
      const { train, weights, epochs, minutes } = fromYargs(args);
      readWeights(weights, train);
      if (minutes !== undefined && !(minutes > 0)) throw new Error('--minutes takes a number above 0');
      return wholeNumber('--epochs', epochs, 1);
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const train = defineCommand({
  usage: 'train',
  summary: 'Train a tagger from labelled files',
  example: [
    '$0 train --train samples/portuguese/train.iob2 --dev samples/portuguese/dev.iob2 --out models/pt --parts wide',
    'a Portuguese NER model, in seconds',
  ],
  options,
  resume: ({ out }) =>
    existsSync(`${out}.training`)
      ? `what was learnt is in ${out}.training: run the same command again to go on`
      : 'nothing was to be kept yet: run the same command again to start anew',
  async run(args, { signal }) {
    const trainFiles = await readAll(args.train, args);
    const devFiles = await readAll(args.dev === undefined ? [] : [args.dev], args);
    const testFiles = await readAll(args.test ?? [], args);
    const task = sharedTask([...trainFiles, ...devFiles, ...testFiles]);
    const weights = readWeights(args.weights, args.train);
    const sentences = trainFiles.flatMap((file, i) => weighted(forModel(file), weights.get(args.train[i] as string)));
    say(`training on ${sentences.length} sentences of ${args.train.join(', ')}`);
    const report = await withProgress({
      task,
      train: sentences,
      ...(devFiles[0] === undefined ? {} : { dev: forModel(devFiles[0]) }),
      parts: args.parts,
      out: args.out,
      ...(args.language === undefined ? {} : { language: args.language }),
      seed: args.seed,
      ...(args.threads === undefined ? {} : { threads: args.threads }),
      engine: args.engine,
      limits: {
        ...(args.epochs === undefined ? {} : { epochs: args.epochs }),
        ...(args.minutes === undefined ? {} : { minutes: args.minutes }),
      },
      signal,
    });
    const measure = task === 'ner' ? 'F1' : 'accuracy';
    say(`${args.out}: ${measure} ${report.dev.toFixed(2)} on dev, after ${report.seconds.toFixed(1)} s`);
    const scores = await scoreModel(args.out, testFiles, { ...args, signal });
    if (args.json) await printJson(asJson(report, testFiles, scores));
    else for (const [i, score] of scores.entries()) await print(`${testFiles[i]?.path}\n${scoreAsText(score)}\n`);
    return 0;
  },
});

/**
 * The weights of training files, from arguments like `names.conll=5`.
 * @throws Error for another form, a weight that is no number above 0, and files that are not in `train` or named twice
 */
function readWeights(given: readonly string[] = [], train: readonly string[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const argument of given) {
    const [, file, number] = /^(.+)=([^=]+)$/s.exec(argument) ?? [];
    const weight = Number(number);
    if (file === undefined || !(weight > 0 && weight < Infinity)) {
      throw new Error(`--weights takes FILE=W with a number W above 0, not ${argument}`);
    }
    if (!train.includes(file)) throw new Error(`--weights: ${file} is not among the files of --train`);
    if (weights.has(file)) throw new Error(`--weights names ${file} twice`);
    weights.set(file, weight);
  }
  return weights;
}

function weighted(sentences: LabelledSentence[], weight: number | undefined): LabelledSentence[] {
  return weight === undefined ? sentences : sentences.map((sentence) => ({ ...sentence, weight }));
}

async function readAll(paths: readonly string[], { format, task, lenient }: Arguments): Promise<LabelledFile[]> {
  const files: LabelledFile[] = [];
  for (const path of paths) files.push(await readLabelled(path, { format, task, lenient }));
  return files;
}

async function withProgress(options: TrainOptions): Promise<TrainReport> {
  const progress = startProgress();
  try {
    return await trainTagger({ ...options, progress: showTraining(progress, options) });
  } catch (error) {
    throw fileError(error, options.out);
  } finally {
    progress.stop();
  }
}

function asJson(report: TrainReport, files: readonly LabelledFile[], scores: Awaited<ReturnType<typeof scoreModel>>) {
  return {
    best_epoch: report.bestEpoch,
    dev: report.dev,
    test: scores.map((score, i) => ({ path: files[i]?.path, ...scoreAsJson(score) })),
    words_per_second: report.wordsPerSecond,
    seconds: report.seconds,
    dev_of_parts: report.devOfParts,
    mixture: report.mixture,
    stopped: report.stopped,
    resumed: report.resumed,
  };
}
