// `crosstag train`: trains a tagger from labelled files into a model folder.
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readWordList } from '../encoder/pairs.ts';
import { aloneIn } from '../learning/lock.ts';
import {
  checkpointFolder,
  type LabelledSentence,
  type TrainOptions,
  type TrainReport,
  trainTagger,
} from '../tagger/index.ts';
import { labelOf } from '../tags/index.ts';
import { removeFolder } from '../text/folder.ts';
import { fileError, type Task } from '../text/index.ts';
import { type ArgumentsOf, defineCommand } from './command.ts';
import { forModel, type LabelledFile, readLabelled, sharedTask } from './data.ts';
import { print, printJson, say } from './output.ts';
import { startProgress } from './progress.ts';
import { scoreAsJson, scoreAsText } from './score.ts';
import { scoreModel } from './tagging.ts';
import { type FileOfLanguage, fileOfLanguage, trainOptions, weightsOf } from './train-options.ts';
import { showTraining } from './training-progress.ts';

type Arguments = ArgumentsOf<typeof trainOptions>;

export const train = defineCommand({
  usage: 'train',
  summary: 'Train a tagger from labelled files',
  example: [
    '$0 train --train samples/portuguese/train.iob2 --dev samples/portuguese/dev.iob2 --out models/pt --parts wide',
    'a Portuguese NER model, in seconds',
  ],
  options: trainOptions,
  resume: ({ out }) =>
    existsSync(checkpointFolder(out))
      ? `what was learnt is in ${checkpointFolder(out)}: run the same command again to go on`
      : 'nothing was to be kept yet: run the same command again to start anew',
  async run(args, { signal, ifInterrupted }) {
    const training = args.train.map(fileOfLanguage);
    const dev = args.dev === undefined ? undefined : fileOfLanguage(args.dev);
    const targetDev = args['target-dev'] === undefined ? undefined : fileOfLanguage(args['target-dev']);
    const tests = (args.test ?? []).map(fileOfLanguage);
    const trainFiles = await readAll(training, args);
    const devFiles = await readAll(dev ? [dev] : [], args);
    const targetFiles = await readAll(targetDev ? [targetDev] : [], args);
    const testFiles = await readAll(tests, args);
    const task = sharedTask([...trainFiles, ...devFiles, ...targetFiles, ...testFiles]);
    const weights = weightsOf(args);
    const sentences = trainFiles.flatMap((file, i) =>
      weighted(inLanguage(forModel(file), training[i]!), weights.get(training[i]!.path)),
    );
    say(`training on ${sentences.length} sentences of ${training.map(({ path }) => path).join(', ')}`);
    for (const file of testFiles) sayUnknownLabels(file, sentences);
    const options: TrainOptions = {
      task,
      train: sentences,
      ...(devFiles[0] && { dev: inLanguage(forModel(devFiles[0]), dev!) }),
      ...(targetFiles[0] && { targetDev: forModel(targetFiles[0]) }),
      parts: args.parts,
      out: args.out,
      ...(await transferOf(args, targetDev)),
      willTag: tests.flatMap(({ language }) => language ?? []),
      seed: args.seed,
      ...(args.threads === undefined ? {} : { threads: args.threads }),
      engine: args.engine,
      limits: {
        ...(args.epochs === undefined ? {} : { epochs: args.epochs }),
        ...(args.minutes === undefined ? {} : { minutes: args.minutes }),
      },
      signal,
    };
    const scores = (folder: string) => scoreModel(folder, testFiles, { ...args, signal, languages: tests });
    await aloneIn(args.out, 'tagger', () =>
      withSecondModel(options, async (all) => {
        const report = await withProgress(all);
        ifInterrupted(`the model in ${report.folder} is whole; only the scores of --test are missing`);
        sayScores(report, task);
        const first = await scores(report.folder);
        const { folder } = report.target?.choice ?? {};
        const second = folder === undefined ? undefined : await scores(folder);
        if (args.json) await printJson(asJson(report, tests, first, second));
        else {
          for (const [i, score] of first.entries()) await print(`${testFiles[i]?.path}\n${scoreAsText(score)}\n`);
          for (const [i, score] of (second ?? []).entries()) {
            const chosen = 'by the model that --target-dev chooses';
            await print(`${testFiles[i]?.path}, ${chosen}\n${scoreAsText(score)}\n`);
          }
        }
      }),
    );
    return 0;
  },
});

function weighted(sentences: LabelledSentence[], weight: number | undefined): LabelledSentence[] {
  return weight === undefined ? sentences : sentences.map((sentence) => ({ ...sentence, weight }));
}

/** Of another language than that of --language. */
function inLanguage(sentences: LabelledSentence[], { language }: FileOfLanguage): LabelledSentence[] {
  return language === undefined ? sentences : sentences.map((sentence) => ({ ...sentence, language }));
}

/** Labels that are scored and that nothing is known of: corpora do not agree on what is a name. */
function sayUnknownLabels(test: LabelledFile, training: readonly LabelledSentence[]): void {
  const known = labelsOf(training, test.task);
  const unknown = [...labelsOf(forModel(test), test.task)].filter((label) => !known.has(label));
  if (unknown.length === 0) return;
  say(`warning: ${test.path} has labels that the training has not, and they count as missed: ${unknown.join(', ')}`);
}

function labelsOf(sentences: readonly LabelledSentence[], task: Task): Set<string> {
  const scheme = task === 'pos' ? 'pos' : undefined;
  return new Set(sentences.flatMap(({ tags }) => tags.flatMap((tag) => labelOf(tag, scheme) ?? [])));
}

async function readAll(
  given: readonly FileOfLanguage[],
  { format, task, lenient }: Arguments,
): Promise<LabelledFile[]> {
  const files: LabelledFile[] = [];
  for (const { path } of given) files.push(await readLabelled(path, { format, task, lenient }));
  return files;
}

/** What the flags say about another language. */
async function transferOf(args: Arguments, targetDev: FileOfLanguage | undefined): Promise<Partial<TrainOptions>> {
  const { language, encoder, features } = args;
  const target = args.target ?? targetDev?.language;
  const lists = await Promise.all((args.translate ?? []).map((path) => readWordList(path, say)));
  return {
    ...(language !== undefined && { language }),
    ...(target !== undefined && { target }),
    ...(encoder !== undefined && {
      encoder: { folder: encoder, ...(features !== undefined && { features }), cache: { warn: say } },
    }),
    ...(args.vectors && { vectors: args.vectors.map(fileOfLanguage) }),
    ...(args.translate && { translate: { pairs: lists.flat(), keep: args['keep-originals'] } }),
    wide: { hidden: args['hide-words'], asTarget: args['dev-as-target'] },
  };
}

/** Runs `work` with a place for the model that `targetDev` chooses beside `dev`: it is scored and not kept. */
async function withSecondModel(options: TrainOptions, work: (options: TrainOptions) => Promise<void>): Promise<void> {
  if (!options.targetDev) return work(options);
  const out = resolve(options.out);
  // On the same disk: both models share the files of the encoder, which may be gigabytes
  const folder = join(dirname(out), `.${basename(out)}.by-target-dev`);
  try {
    await work({ ...options, targetOut: folder });
  } finally {
    await removeFolder(folder);
  }
}

function sayScores({ folder, dev, seconds, target }: TrainReport, task: TrainOptions['task']): void {
  const measure = task === 'ner' ? 'F1' : 'accuracy';
  say(`${folder}: ${measure} ${dev.toFixed(2)} on dev, after ${seconds.toFixed(1)} s`);
  if (!target) return;
  const { targetDev, choice } = target;
  say(`  ${targetDev.toFixed(2)} on --target-dev; the model that it would choose has ${choice.targetDev.toFixed(2)}`);
}

async function withProgress(options: TrainOptions): Promise<TrainReport> {
  const progress = startProgress();
  try {
    return await trainTagger({
      ...options,
      progress: showTraining(progress, options),
      warn: (message) => progress.log(`warning: ${message}`),
    });
  } catch (error) {
    throw fileError(error, options.out);
  } finally {
    progress.stop();
  }
}

type Scores = Awaited<ReturnType<typeof scoreModel>>;

function asJson(report: TrainReport, tests: readonly FileOfLanguage[], scores: Scores, second: Scores | undefined) {
  const { target, translation } = report;
  const byTest = (all: Scores) => all.map((score, i) => ({ ...tests[i], ...scoreAsJson(score) }));
  return {
    best_epoch: report.bestEpoch,
    dev: report.dev,
    ...(target && { target_dev: target.targetDev }),
    ...(translation && { translation }),
    test: byTest(scores),
    ...(target && {
      by_target_dev: {
        best_epoch: target.choice.bestEpoch,
        dev: target.choice.dev,
        target_dev: target.choice.targetDev,
        mixture: target.choice.mixture,
        test: byTest(second ?? []),
      },
    }),
    words_per_second: report.wordsPerSecond,
    seconds: report.seconds,
    dev_of_parts: report.devOfParts,
    mixture: report.mixture,
    stopped: report.stopped,
    resumed: report.resumed,
  };
}
