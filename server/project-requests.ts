// The requests about crosstag.json and the encoders that are made of it.
import { basename, join } from 'node:path';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import { answer } from './custom-messages.ts';
import { checkpointFolder, readEncoderDescription, readPosition } from './encoder/index.ts';
import { reportBody } from './features/encoder-report.ts';
import { readPretrainingRun } from './features/pretraining-run.ts';
import type { LanguageServer } from './language-server.ts';
import {
  EncoderReportRequest,
  type EncoderState,
  EncoderStateRequest,
  type PretrainProjectParams,
  PretrainRequest,
  type PretrainResult,
  type ProjectDraft,
  type ProjectParams,
  SetUpProjectRequest,
  TrainProjectRequest,
  type TrainResult,
} from './protocol.ts';
import { isDamage } from './text/folder.ts';
import { InputError, writeFileAtomic } from './text/index.ts';
import { failing, withProgress } from './work-done.ts';
import { disk } from './workspace/disk.ts';
import { newestEncoder, nextEncoder } from './workspace/encoders.ts';
import { PROJECT_FILE, Project } from './workspace/project.ts';
import { projectText } from './workspace/project-draft.ts';

export function listenToProjectRequests(connection: Connection, server: LanguageServer): void {
  answer(connection, SetUpProjectRequest, (params) => failing(() => setUp(params)));
  answer(connection, EncoderStateRequest, ({ folder }) => failing(async () => stateOf(await projectOf(folder))));
  answer(connection, PretrainRequest, (params, token) => failing(() => pretrain(connection, server, params, token)));
  answer(connection, TrainProjectRequest, (params, token) => failing(() => train(connection, server, params, token)));
  answer(connection, EncoderReportRequest, ({ folder }) =>
    failing(async () => {
      const run = await readPretrainingRun(folder);
      return { name: run.name, body: reportBody(run) };
    }),
  );
}

async function setUp({ folder, project, replace }: { folder: string; project: ProjectDraft; replace: boolean }) {
  const path = join(folder, PROJECT_FILE);
  if (!replace && (await disk.exists(path))) {
    throw new InputError('there is a project already', 'open it, or say that it is to be replaced', { path });
  }
  await writeFileAtomic(path, projectText(project, folder));
  return { path };
}

async function pretrain(
  connection: Connection,
  server: LanguageServer,
  { folder, from: name, unfinished: fate, workDoneToken }: PretrainProjectParams,
  token: CancellationToken,
): Promise<PretrainResult> {
  const project = await projectOf(folder);
  const out = await nextEncoder(disk, folder, project.encoderName);
  const found = await readPosition(checkpointFolder(out));
  const unfinished = fate === 'discard' ? undefined : found;
  const from = unfinished === undefined && name !== undefined ? await newestNamed(project, name) : undefined;
  const plan = project.pretraining({ further: (from ?? unfinished?.before) !== undefined });
  const { texts, vectors = [], pairs = [] } = plan;
  // What is finished reads the lists alone, by which it is known
  const files = fate === 'finish' ? [] : [...texts, ...vectors].map(({ path }) => path);
  await project.requireFiles(disk, new Set([...files, ...pairs.map(({ list }) => list)]));
  const settings = await server.settings(undefined);
  const ending = {
    ...(fate === 'finish' && { finish: true }),
    ...(fate === 'discard' && found && { discard: found.seconds }),
  };
  const report = await withProgress(connection, workDoneToken, 'Pre-training an encoder', (progress) =>
    server.models.pretrain(
      { workspace: folder, plan, out, ...(from && { from }), ...ending },
      settings,
      progress,
      token,
    ),
  );
  const { steps, words, seconds, perplexity } = report;
  return { encoder: report.folder, steps, words, seconds, perplexity };
}

async function train(
  connection: Connection,
  server: LanguageServer,
  { folder, workDoneToken }: ProjectParams,
  token: CancellationToken,
): Promise<TrainResult> {
  const project = await projectOf(folder);
  const plan = project.training();
  const { train, dev, targetDev, test, vectors = [], pairs } = plan;
  const files = [...train, ...dev, ...targetDev, ...test, ...vectors].map(({ path }) => path);
  await project.requireFiles(disk, new Set([...files, pairs?.list ?? '']));
  const encoder = await newestOf(project);
  const settings = await server.settings(undefined);
  const { folder: model, ...trained } = await withProgress(connection, workDoneToken, 'Training a tagger', (progress) =>
    server.models.train({ ...plan, encoder, workspace: folder }, settings, progress, token),
  );
  return { model, ...trained };
}

async function stateOf(project: Project): Promise<EncoderState> {
  const out = await nextEncoder(disk, project.folder, project.encoderName);
  const position = await readPosition(checkpointFolder(out));
  const unfinished = position && { unfinished: { steps: position.step, seconds: position.seconds } };
  const newest = await newestEncoder(disk, project.folder, project.encoderName);
  if (newest === undefined) return { ...unfinished };
  // A damaged one cannot be trained further.
  const known = await readEncoderDescription(newest).catch((error) => {
    if (!isDamage(error)) throw error;
  });
  if (!known) return { ...unfinished };
  const { words, seconds } = known.metrics;
  return { ...unfinished, newest: { name: nameOf(project, newest), words, seconds } };
}

const nameOf = ({ encoderName }: Project, encoder: string) => `${encoderName}/${basename(encoder)}`;

/** @throws InputError where the newest encoder is another one by now */
async function newestNamed(project: Project, name: string): Promise<string> {
  const newest = await newestEncoder(disk, project.folder, project.encoderName);
  if (newest !== undefined && nameOf(project, newest) === name) return newest;
  const remedy = 'run “Crosstag: Pre-train Encoder” again';
  throw new InputError(`${name} is not the newest encoder of the project any more`, remedy, {
    path: join(project.folder, PROJECT_FILE),
  });
}

/** @throws InputError where there is no encoder */
async function newestOf({ folder, encoderName, description }: Project): Promise<string> {
  const newest = await newestEncoder(disk, folder, encoderName);
  if (newest !== undefined) return newest;
  const texts = description.languages.filter(({ text }) => text !== undefined);
  const isBegun = await disk.exists(checkpointFolder(await nextEncoder(disk, folder, encoderName)));
  const remedy =
    texts.length < 2
      ? 'run “Crosstag: Retrain Now”, which needs none; or give two languages their "text" and pre-train one'
      : isBegun
        ? 'its pre-training is unfinished: let “Crosstag: Pre-train Encoder” go on, or finish it now'
        : 'run “Crosstag: Pre-train Encoder” first';
  throw new InputError(`there is no encoder ${encoderName}`.trimEnd(), remedy, { path: join(folder, PROJECT_FILE) });
}

async function projectOf(folder: string): Promise<Project> {
  const project = await Project.read(disk, folder);
  if (project !== undefined) return project;
  const remedy = 'run “Crosstag: Set Up Project” to write it';
  throw new InputError('there is no project', remedy, { path: join(folder, PROJECT_FILE) });
}
