// The model process: owns a tensor engine, tags and trains for the language server that forked it. Whatever happens here,
// the server lives on; it may kill this process at any time.

import { type CancellationToken, createMessageConnection, ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { measure } from './learning/acquisition/index.ts';
import type { TaggedSentence, Tagger } from './tagger/index.ts';
import { AdaptationLost, Taggers } from './taggers.ts';
import { isAbort, memoryError, messageOf } from './text/error-message.ts';
import { InputError } from './text/index.ts';
import {
  ADAPTATION_LOST,
  AdaptModel,
  LAST_MOMENTS,
  LoadModel,
  MeasureSentences,
  PretrainEncoder,
  RetrainModel,
  ScoreModels,
  type TagParams,
  TagSentences,
  TrainingNote,
  TrainingProgress,
  TrainingWarning,
  TrainModel,
} from './trainer-protocol.ts';
import { pretrain, type Report, retrain, scoreVersions, train } from './training-jobs.ts';
import { packSuggestion } from './workspace/suggestion.ts';

/** Milliseconds between two reports of progress: each of them wakes server, extension host and window. */
const REPORT = 1000;

/** Seconds that learning corrections takes at most, unless a request says otherwise: a machine with time to spare needs less. */
const ADAPTATION_SECONDS = 6;

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const taggers = new Taggers();
/** Trainings under way, and what ends them. */
const trainings = new Map<Promise<unknown>, AbortController>();

function controllerOf(token: CancellationToken): AbortController {
  const controller = new AbortController();
  // A token that was cancelled before it got here tells nobody.
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller;
}

/** Errors as the server gets them: bad input with its message alone, mistakes of ours with their trace for the log. */
async function answer<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T | ResponseError<void>> {
  try {
    return await work();
  } catch (error) {
    if (isAbort(error, signal)) return new ResponseError(ErrorCodes.InternalError, 'cancelled');
    if (error instanceof AdaptationLost) return new ResponseError(ADAPTATION_LOST, error.message);
    if (!(error instanceof InputError)) console.error(error);
    return new ResponseError(ErrorCodes.InternalError, messageOf(memoryError(error) ?? error));
  }
}

connection.onRequest(LoadModel, (model) =>
  answer(() => taggers.use({ model }, ({ task, scheme, tags }) => ({ task, scheme, tags }))),
);

connection.onRequest(TagSentences, (params, token) =>
  answerEach(params, token, (sentence, { tags }) => packSuggestion(sentence, tags)),
);

connection.onRequest(MeasureSentences, (params, token) =>
  answerEach(params, token, (sentence, { tags }) => measure(sentence, tags)),
);

/** Tags sentences and makes something of each answer. */
function answerEach<T>(
  { sentences, language, ...answering }: TagParams,
  token: CancellationToken,
  make: (sentence: TaggedSentence, tagger: Tagger) => T,
) {
  const { signal } = controllerOf(token);
  const options = { marginals: true, signal, ...(language !== '' && { language }) };
  const tag = async (tagger: Tagger) =>
    (await tagger.tag(sentences, options)).map((sentence) => make(sentence, tagger));
  return answer(() => taggers.use(answering, tag), signal);
}

connection.onRequest(AdaptModel, ({ model, task, sentences, language, seconds = ADAPTATION_SECONDS }, token) => {
  const { signal } = controllerOf(token);
  return answer(async () => {
    const options = { task, seconds, signal, ...(language !== '' && { language }) };
    const { adaptation, version } = await taggers.adapt(model, sentences, options);
    const { tags, scheme, iterations } = adaptation;
    return { task: adaptation.task, scheme, tags, adaptation: version, seconds: adaptation.seconds, iterations };
  }, signal);
});

connection.onRequest(TrainModel, (params, token) =>
  inBackground(token, (signal, report) => train(params, signal, report, { warn, note })),
);

connection.onRequest(PretrainEncoder, (params, token) =>
  inBackground(token, (signal, report) => pretrain(params, signal, report, { warn, note })),
);

connection.onRequest(RetrainModel, (params, token) =>
  inBackground(token, (signal, report) => retrain(params, signal, report)),
);

connection.onRequest(ScoreModels, (params, token) =>
  inBackground(token, (signal, report) => scoreVersions(params, signal, report)),
);

function warn(message: string): void {
  if (process.connected) void connection.sendNotification(TrainingWarning, message);
}

function note(message: string): void {
  if (process.connected) void connection.sendNotification(TrainingNote, message);
}

/** Runs a training, which ends when it is cancelled or the server has gone. */
function inBackground<T>(token: CancellationToken, work: (signal: AbortSignal, report: Report) => Promise<T>) {
  const controller = controllerOf(token);
  const { report, end } = reporter();
  const training = answer(() => work(controller.signal, report), controller.signal);
  trainings.set(training, controller);
  return training.finally(() => {
    end();
    trainings.delete(training);
  });
}

/** Sends how far a work is, each new phase at once, else now and then, and the last that was said before a silence. */
function reporter(): { report: Report; end: () => void } {
  let last = Number.NEGATIVE_INFINITY;
  let phase: string | undefined;
  let waiting: NodeJS.Timeout | undefined;
  const send = (progress: Parameters<Report>[0]) => {
    last = performance.now();
    phase = phaseOf(progress);
    if (process.connected) void connection.sendNotification(TrainingProgress, progress);
  };
  const report: Report = (progress) => {
    clearTimeout(waiting);
    const wait = last + REPORT - performance.now();
    if (wait <= 0 || phaseOf(progress) !== phase) send(progress);
    else waiting = setTimeout(() => send(progress), wait);
  };
  return { report, end: () => clearTimeout(waiting) };
}

/** `wide part` of `wide part, 1200 words/s`, `step ` of `step 12, ...`. */
const phaseOf = ({ message }: Parameters<Report>[0]) => message.split(',')[0]!.replace(/\d/g, '');

/** The server has gone: what was learnt is written down, and nobody hears of it. */
async function leave(): Promise<void> {
  process.on('unhandledRejection', () => undefined);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  setTimeout(() => process.exit(), LAST_MOMENTS);
  for (const controller of trainings.values()) controller.abort();
  await Promise.allSettled(trainings.keys());
  process.exit();
}

process.on('disconnect', () => void leave());
connection.listen();
