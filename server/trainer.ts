// The model process: owns a tensor engine, tags and trains for the language server that forked it. Whatever happens here,
// the server lives on; it may kill this process at any time.
import { type CancellationToken, createMessageConnection, ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { forModel, readLabelled, sharedTask } from './cli/data.ts';
import { loadTagger, type Tagger, type TrainProgress, trainTagger } from './tagger/index.ts';
import { InputError } from './text/index.ts';
import {
  LoadModel,
  TagSentences,
  type TrainedModel,
  TrainingProgress,
  TrainModel,
  type TrainModelParams,
} from './trainer-protocol.ts';
import { disk } from './workspace/disk.ts';
import { type ModelReference, nextVersion } from './workspace/models.ts';
import { packSuggestion } from './workspace/suggestion.ts';

/** Models that stay loaded: one for each task. */
const MOST_TAGGERS = 2;

/** Milliseconds between two reports of progress. */
const REPORT = 200;

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const taggers = new Map<string, Promise<Tagger>>();

/** The loaded tagger; the least recently used one makes room. */
function taggerOf(model: ModelReference): Promise<Tagger> {
  const key = JSON.stringify(model);
  const known = taggers.get(key);
  taggers.delete(key);
  const tagger = known ?? loadTagger(model.folder, { engine: model.engine, threads: model.threads });
  taggers.set(key, tagger);
  tagger.catch(() => taggers.delete(key));
  for (const [oldest, loaded] of taggers) {
    if (taggers.size <= MOST_TAGGERS) break;
    taggers.delete(oldest);
    loaded.then((old) => old.dispose()).catch(() => undefined);
  }
  return tagger;
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  // A token that was cancelled before it got here tells nobody.
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Errors as the server gets them: bad input with its message alone, mistakes of ours with their trace for the log. */
async function answer<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T | ResponseError<void>> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) return new ResponseError(ErrorCodes.InternalError, 'cancelled');
    if (!(error instanceof InputError)) console.error(error);
    return new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
  }
}

connection.onRequest(LoadModel, (model) =>
  answer(async () => {
    const { task, scheme, tags } = await taggerOf(model);
    return { task, scheme, tags };
  }),
);

connection.onRequest(TagSentences, ({ model, sentences }, token) => {
  const signal = signalOf(token);
  return answer(async () => {
    const tagger = await taggerOf(model);
    const tagged = await tagger.tag(sentences, { marginals: true, signal });
    return tagged.map((sentence) => packSuggestion(sentence, tagger.tags));
  }, signal);
});

connection.onRequest(TrainModel, (params, token) => {
  const signal = signalOf(token);
  return answer(() => train(params, signal), signal);
});

async function train(params: TrainModelParams, signal: AbortSignal): Promise<TrainedModel> {
  const { train: paths, dev, workspace, ...options } = params;
  const files = await Promise.all(paths.map((path) => readLabelled(path)));
  const devFile = dev === undefined ? undefined : await readLabelled(dev);
  const task = sharedTask(devFile === undefined ? files : [...files, devFile]);
  const out = await nextVersion(disk, workspace, task);
  let reported = 0;
  const report = await trainTagger({
    ...options,
    task,
    out,
    train: files.flatMap(forModel),
    ...(devFile && { dev: forModel(devFile) }),
    signal,
    progress: (progress) => {
      const now = performance.now();
      if (now - reported < REPORT) return;
      reported = now;
      void connection.sendNotification(TrainingProgress, describe(progress));
    },
  });
  return { folder: report.folder, dev: report.dev, seconds: report.seconds };
}

/** Share of the work done and one line for people. */
function describe({ phase, epoch, step, steps, rate, dev, eta }: TrainProgress): { done: number; message: string } {
  const parts = [
    epoch > 0 ? `${phase} part, epoch ${epoch}` : `${phase} part`,
    ...(rate > 0 ? [`${Math.round(rate)} words/s`] : []),
    ...(dev === undefined ? [] : [`best on dev ${dev.toFixed(1)}`]),
    ...(eta === undefined ? [] : [`at most ${Math.ceil(eta)} s left`]),
  ];
  return { done: steps > 0 ? Math.min(1, step / steps) : 0, message: parts.join(', ') };
}

process.on('disconnect', () => process.exit());
connection.listen();
