// Pre-training the encoder of crosstag.json, and training a tagger with it.
import * as vscode from 'vscode';
import type { EncoderState, PretrainResult, TrainResult } from '../server/protocol.ts';
import { inBackground } from './long-work.ts';
import { hasProject, projectFile, setUpProject } from './project.ts';
import { answered, type Choice, choose } from './questions.ts';
import { requireTrust } from './refusal.ts';
import type { Server } from './server.ts';
import { tellTrained } from './trained.ts';

/** What to do with an unfinished pre-training. */
type Fate = 'goOn' | 'finish' | 'discard';

/**
 * Pre-trains with progress that can be cancelled; what was learnt until then is kept.
 * @param fate asked for where it is not given
 * @throws Dismissed
 */
export async function pretrain(server: Server, fate?: Fate): Promise<void> {
  const folder = await projectFolder(server);
  if (folder === undefined) return;
  const state = await server.ask((connection) => connection.encoderState(folder.uri.fsPath));
  if (fate === 'finish' && !canFinish(state)) {
    throw new Error(vscode.l10n.t('There is no unfinished pre-training any more that has learnt something.'));
  }
  const begun = state.unfinished && (fate ?? (await fateOf(state.unfinished)));
  const from = begun === undefined || begun === 'discard' ? await trainedFurther(state) : undefined;
  const params = {
    folder: folder.uri.fsPath,
    ...(from !== undefined && { from }),
    ...(begun !== undefined && begun !== 'goOn' && { unfinished: begun }),
  };
  const result = await inBackground(vscode.l10n.t('Crosstag: pre-training'), (progress, token) =>
    server.ask((connection) => connection.pretrain(params, progress, token)),
  );
  if (result !== undefined) void tellPretrained(result);
  else void tellStopped(await server.ask((connection) => connection.encoderState(folder.uri.fsPath)));
}

const canFinish = ({ unfinished }: EncoderState) => unfinished !== undefined && unfinished.steps > 0;

async function tellStopped(state: EncoderState): Promise<void> {
  const [goOn, finish] = [vscode.l10n.t('Go On'), vscode.l10n.t('Finish Now')];
  const message = canFinish(state)
    ? vscode.l10n.t(
        'Pre-training is stopped. What was learnt is kept: it can go on where it was, or be the encoder as it is.',
      )
    : vscode.l10n.t('Pre-training is stopped. It had learnt nothing yet.');
  const buttons = canFinish(state) ? [goOn, finish] : [goOn];
  const answer = await vscode.window.showInformationMessage(message, ...buttons);
  if (answer === undefined) return;
  const fate: Fate = answer === goOn ? 'goOn' : 'finish';
  await vscode.commands.executeCommand('crosstag.pretrain', fate);
}

function fateOf(unfinished: NonNullable<EncoderState['unfinished']>): Promise<Fate> {
  const { steps, seconds } = unfinished;
  const seen = vscode.l10n.t(
    'A pre-training is unfinished: {0} steps in {1} min',
    steps.toLocaleString(vscode.env.language),
    Math.max(1, Math.round(seconds / 60)),
  );
  const finish: Choice<Fate> = {
    label: vscode.l10n.t('Finish now'),
    detail: vscode.l10n.t('What it has learnt becomes the encoder, which can be trained further later.'),
    value: 'finish',
  };
  return choose<Fate>(seen, [
    { label: vscode.l10n.t('Go on where it was'), value: 'goOn' },
    ...(canFinish({ unfinished }) ? [finish] : []),
    {
      label: vscode.l10n.t('Throw it away and begin anew'),
      detail: vscode.l10n.t('After other texts, word lists or sizes were named in crosstag.json.'),
      value: 'discard',
    },
  ]);
}

/** The encoder that is to be trained further, if any is. @throws Dismissed */
async function trainedFurther({ newest }: EncoderState): Promise<string | undefined> {
  if (newest === undefined) return undefined;
  const { name, words, seconds } = newest;
  const seen = vscode.l10n.t(
    '{0} words in {1} min so far',
    words.toLocaleString(vscode.env.language),
    Math.max(1, Math.round(seconds / 60)),
  );
  return choose<string | undefined>(vscode.l10n.t('There is an encoder already: {0}', name), [
    {
      label: vscode.l10n.t('Train it further'),
      description: seen,
      detail: vscode.l10n.t('With the words that it knows. The encoder as it is now stays as an older version.'),
      value: name,
    },
    {
      label: vscode.l10n.t('Begin a new one'),
      detail: vscode.l10n.t('After other texts, word vectors or sizes were named in crosstag.json. The old one stays.'),
      value: undefined,
    },
  ]);
}

async function tellPretrained({ encoder, words, seconds, perplexity }: PretrainResult): Promise<void> {
  const [train, report] = [vscode.l10n.t('Train Tagger with Encoder'), vscode.l10n.t('Show Report')];
  const measured = Object.entries(perplexity).map(
    ([language, { forward, backward }]) => `${language} ${Math.round(Math.sqrt(forward * backward))}`,
  );
  const message = vscode.l10n.t(
    'The encoder has seen {0} words in {1} min; perplexity: {2}. A tagger can be trained with it now.',
    words.toLocaleString(vscode.env.language),
    Math.max(1, Math.round(seconds / 60)),
    measured.join(', '),
  );
  const answer = await vscode.window.showInformationMessage(message, train, report);
  if (answer === train) await vscode.commands.executeCommand('crosstag.trainWithEncoder');
  if (answer === report) await vscode.commands.executeCommand('crosstag.showEncoderReport', vscode.Uri.file(encoder));
}

/** Trains the tagger of crosstag.json and says how good it is. @throws Dismissed */
export async function trainWithEncoder(server: Server): Promise<void> {
  const folder = await projectFolder(server);
  if (folder === undefined) return;
  const result = await inBackground(vscode.l10n.t('Crosstag: training'), (progress, token) =>
    server.ask((connection) => connection.trainProject(folder.uri.fsPath, progress, token)),
  );
  if (result !== undefined) void tellTrained(describe(result), vscode.Uri.file(result.model));
}

function describe({ dev, seconds, tests }: TrainResult): string {
  const [time, score] = [Math.round(seconds), dev.toFixed(1)];
  if (tests.length === 0) return vscode.l10n.t('Trained in {0} s: {1} on development data.', time, score);
  const measured = tests.map(({ language, score }) => `${language} ${score.toFixed(1)}`).join(', ');
  return vscode.l10n.t('Trained in {0} s: {1} on development data, on test data {2}.', time, score, measured);
}

/** The workspace folder with the project; where there is none, one can be set up. */
export async function projectFolder(server: Server): Promise<vscode.WorkspaceFolder | undefined> {
  requireTrust();
  const folders: vscode.WorkspaceFolder[] = [];
  for (const folder of vscode.workspace.workspaceFolders ?? []) if (await hasProject(folder)) folders.push(folder);
  const [first, ...others] = folders;
  if (first === undefined) {
    await offerSetUp(server);
    return undefined;
  }
  const items = folders.map((folder) => ({ label: folder.name, folder }));
  const title = vscode.l10n.t('Which project?');
  const folder = others.length === 0 ? first : (await answered(vscode.window.showQuickPick(items, { title }))).folder;
  const file = projectFile(folder).toString();
  // What stands in the editor is meant.
  await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.toString() === file)?.save();
  return folder;
}

async function offerSetUp(server: Server): Promise<void> {
  const setUp = vscode.l10n.t('Set Up Project');
  const message = vscode.l10n.t('There is no crosstag.json yet: it says which languages and files there are.');
  if ((await vscode.window.showInformationMessage(message, setUp)) === setUp) await setUpProject(server);
}
