// What the model process does when it trains: from the files of a request to a model, or an encoder, on the disk.
import { join } from 'node:path';
import {
  checkpointFolder,
  DESCRIPTION,
  type PretrainReport,
  pretrainEncoder,
  readEncoderDescription,
} from './encoder/index.ts';
import { readTranslations } from './encoder/pairs.ts';
import { describePretraining } from './features/pretraining-line.ts';
import { heldOutIn, withoutHeldOut } from './learning/labels.ts';
import { alone } from './learning/lock.ts';
import { type Retrained, type RetrainProgress, retrain as retrainWorkspace } from './learning/retrain.ts';
import { type ScoredModel, scoreModels } from './learning/score-models.ts';
import {
  type LabelledSentence,
  loadTagger,
  type TrainOptions,
  type TrainProgress,
  trainTagger,
} from './tagger/index.ts';
import { evaluate } from './tags/index.ts';
import { isAbort, messageOf } from './text/error-message.ts';
import { InputError } from './text/index.ts';
import type {
  LabelledInput,
  PretrainParams,
  RetrainParams,
  TrainedModel,
  TrainModelParams,
} from './trainer-protocol.ts';
import { disk } from './workspace/disk.ts';
import { forModel, type LabelledFile, readLabelled, sharedTask } from './workspace/labelled-files.ts';
import { nextVersion } from './workspace/models.ts';

/** How far a work is, 0 to 1, and one line for people. */
export type Report = (now: { done: number; message: string }) => void;

/** What the user should hear of and what is no error. */
export type Warn = (message: string) => void;

/** What people should hear of, and what is good to know. */
interface Sayings {
  readonly warn: Warn;
  readonly note: Warn;
}

/** A labelled file that has been read, and the language that the request gives it. */
interface Input extends LabelledInput {
  readonly file: LabelledFile;
}

/** @throws InputError for files that cannot be trained on, and where another process trains in the folder */
export function train(
  params: TrainModelParams,
  signal: AbortSignal,
  report: Report,
  sayings: Sayings,
): Promise<TrainedModel> {
  return alone(params.workspace, 'tagger', () => trainAlone(params, signal, report, sayings));
}

async function trainAlone(
  params: TrainModelParams,
  signal: AbortSignal,
  report: Report,
  { warn, note }: Sayings,
): Promise<TrainedModel> {
  const { engine, threads, parts } = params;
  const [inputs, dev, targetDev, tests] = await Promise.all(
    [params.train, params.dev, params.targetDev ?? [], params.test ?? []].map((files) => readAll(files, params)),
  );
  const task = sharedTask([...inputs!, ...dev!, ...targetDev!, ...tests!].map(({ file }) => file));
  // A retraining will be measured on them, against this model.
  const held = await heldOutIn(disk, params.workspace, signal);
  const learnt = (files: readonly Input[]) => withoutHeldOut(sentencesOf(files), held);
  const [own, forDev, forTarget] = [inputs!, dev!, targetDev!].map(learnt);
  if (own!.length === 0 && inputs!.some(({ file }) => file.sentences.length > 0)) {
    const remedy = 'label some more, or make "holdout" smaller in crosstag.json';
    throw new InputError('all its sentences are held out for measuring', remedy, { path: inputs![0]!.path });
  }
  const out = await nextVersion(disk, params.workspace, task);
  const trained = await trainTagger({
    ...{ task, out, parts, engine, threads, signal },
    train: own!,
    ...(forDev!.length > 0 && { dev: forDev! }),
    ...(forTarget!.length > 0 && { targetDev: forTarget! }),
    ...(await transferOf(params, { warn, note })),
    willTag: tests!.flatMap(({ language }) => (language === '' ? [] : [language])),
    ...(params.limits && { limits: params.limits }),
    progress: (progress) => report(describeTraining(progress)),
    warn,
  });
  report({ done: 1, message: 'measuring' });
  const scores = await score(out, tests!, params, signal).catch((error) => {
    if (!isAbort(error, signal)) warn(`the tagger is trained, but could not be measured: ${messageOf(error)}`);
    return [];
  });
  return { folder: trained.folder, dev: trained.dev, seconds: trained.seconds, tests: scores };
}

/** @throws InputError as `train`, for texts; the signal's reason when it is aborted */
export function pretrain(
  params: PretrainParams,
  signal: AbortSignal,
  report: Report,
  { warn, note }: Sayings,
): Promise<PretrainReport> {
  const { workspace, plan, out, from, finish, discard, engine, threads } = params;
  const { name: _, ...options } = plan;
  return alone(workspace, 'encoder', async () => {
    const finished = await finishedReport(out);
    if (finished) return finished;
    return pretrainEncoder({
      ...{ ...options, out, engine, threads, signal },
      ...(from !== undefined && { from }),
      ...(finish && { finish }),
      ...(discard !== undefined && { discard }),
      progress: (now) => report(describePretraining(now)),
      ...{ warn, note },
    });
  });
}

/** Of an encoder that was written when this process, or another one that trained it meanwhile, ended before it could say so. */
async function finishedReport(out: string): Promise<PretrainReport | undefined> {
  if (!(await disk.exists(join(out, DESCRIPTION))) || (await disk.exists(checkpointFolder(out)))) return undefined;
  const { metrics } = await readEncoderDescription(out);
  const { words, seconds } = metrics;
  return { folder: out, ...metrics, wordsPerSecond: words / seconds, resumed: true, stopped: 'steps' };
}

/** @throws InputError where there is nothing to learn from; the signal's reason when it is aborted */
export function retrain(params: RetrainParams, signal: AbortSignal, report: Report): Promise<Retrained> {
  return retrainWorkspace({
    ...params,
    ...toLog,
    files: disk,
    signal,
    progress: (now) => report(describeRetraining(now)),
  });
}

/** @throws InputError where there is no project; the signal's reason when it is aborted */
export function scoreVersions(params: RetrainParams, signal: AbortSignal, report: Report): Promise<ScoredModel[]> {
  const progress = (done: number, all: number) => report({ done: done / all, message: `model ${done + 1} of ${all}` });
  return scoreModels({ ...params, ...toLog, files: disk, signal, progress });
}

const toLog = { warn: (message: string) => console.error(message) };

/** Shares of a retraining up to the end of each phase, about. */
const SHARES = { encode: [0, 0.1], wide: [0.1, 0.4], deep: [0.4, 0.9], mix: [0.9, 0.92], save: [0.92, 0.95] } as const;

function describeRetraining(now: RetrainProgress) {
  if (now.phase !== 'training') {
    const isFirst = now.phase === 'reading';
    return { done: isFirst ? 0 : 0.95, message: isFirst ? 'reading the labels' : 'comparing it with the model in use' };
  }
  const { done, message } = describeTraining(now.training);
  const [from, to] = SHARES[now.training.phase];
  return { done: from + done * (to - from), message };
}

function readAll(inputs: readonly LabelledInput[], { task }: TrainModelParams): Promise<Input[]> {
  return Promise.all(
    inputs.map(async (input) => {
      const language = input.language === '' ? undefined : input.language;
      const { path, format } = input;
      return { ...input, file: await readLabelled(path, { format, task, language, note: toLog.warn }) };
    }),
  );
}

function sentencesOf(inputs: readonly Input[]): LabelledSentence[] {
  return inputs.flatMap(({ file, language }) =>
    forModel(file).map((sentence) => (language === '' ? sentence : { ...sentence, language })),
  );
}

/** What the request says about languages and the encoder that knows them. */
async function transferOf(params: TrainModelParams, { warn, note }: Sayings): Promise<Partial<TrainOptions>> {
  const { train, target, encoder: folder, features, vectors, pairs } = params;
  const language = train[0]?.language ?? '';
  const cache = { warn };
  return {
    ...(language !== '' && { language }),
    ...(target !== undefined && { target }),
    ...(folder !== undefined && { encoder: { folder, ...(features !== undefined && { features }), cache } }),
    ...(vectors !== undefined && { vectors }),
    ...(pairs && target !== undefined && { translate: { pairs: await readTranslations(pairs, target, note) } }),
  };
}

/** Scores the finished model on each file, in the file's language. */
async function score(
  model: string,
  inputs: readonly Input[],
  { engine, threads }: TrainModelParams,
  signal: AbortSignal,
): Promise<TrainedModel['tests']> {
  if (inputs.length === 0) return [];
  const tagger = await loadTagger(model, { engine, threads });
  try {
    const scores: { language: string; path: string; score: number }[] = [];
    for (const { file, language, path } of inputs) {
      const gold = forModel(file);
      const words = gold.map((sentence) => sentence.words);
      const tagged = await tagger.tag(words, { signal, ...(language !== '' && { language }) });
      const { f1, accuracy } = evaluate(
        gold.map(({ tags }) => tags),
        tagged.map(({ tags }) => tags),
        file.task,
      );
      scores.push({ language, path, score: file.task === 'ner' ? f1 : accuracy });
    }
    return scores;
  } finally {
    await tagger.dispose();
  }
}

function describeTraining({ phase, epoch, step, steps, rate, dev, eta }: TrainProgress) {
  const parts = [
    `${PHASES[phase]}${epoch > 0 ? `, epoch ${epoch}` : ''}`,
    ...(rate > 0 ? [`${Math.round(rate)} words/s`] : []),
    ...(dev === undefined ? [] : [`best on dev ${dev.toFixed(1)}`]),
    ...(eta === undefined ? [] : [`at most ${Math.ceil(eta)} s left`]),
  ];
  return { done: steps > 0 ? Math.min(1, step / steps) : 0, message: parts.join(', ') };
}

const PHASES: Readonly<Record<TrainProgress['phase'], string>> = {
  encode: 'the encoder reads the text',
  wide: 'wide part',
  deep: 'deep part',
  mix: 'mixing the parts',
  save: 'saving',
};
