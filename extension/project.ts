// Setting up crosstag.json: languages, texts, labelled files and task, asked for in the editor's own pickers.
import * as vscode from 'vscode';
import type { ProjectDraft } from '../server/protocol.ts';
import { describeLanguage, languageChoices, typedTag } from './language-tags.ts';
import { answered, type Choice, choose, chooseWhetherFiles } from './questions.ts';
import type { Server } from './server.ts';
import { chooseDev } from './train.ts';

const FILE = 'crosstag.json';

type Language = ProjectDraft['languages'][number];
type Encoder = NonNullable<ProjectDraft['encoder']>;
type Size = Encoder['size'];

/** Where the project of a workspace folder stands. */
export function projectFile(folder: vscode.WorkspaceFolder): vscode.Uri {
  return vscode.Uri.joinPath(folder.uri, FILE);
}

/** Buttons in the title of a crosstag.json get its URI from the editor, where a command may get a folder. */
export function isProjectFile(uri: vscode.Uri): boolean {
  return uri.path.endsWith(`/${FILE}`);
}

export async function hasProject(folder: vscode.WorkspaceFolder): Promise<boolean> {
  return vscode.workspace.fs.stat(projectFile(folder)).then(
    () => true,
    () => false,
  );
}

/** Asks for a project, writes it and opens it; one that is there is opened, or replaced if that is wanted. @throws Dismissed */
export async function setUpProject(server: Server): Promise<void> {
  const folder = await chooseFolder();
  const replace = await hasProject(folder);
  if (replace && !(await mayReplace())) {
    await vscode.window.showTextDocument(projectFile(folder));
    return;
  }
  const project = await ask();
  await server.ask((connection) => connection.setUpProject(folder.uri.fsPath, project, replace));
  await vscode.window.showTextDocument(projectFile(folder));
  void offerNext(project);
}

async function chooseFolder(): Promise<vscode.WorkspaceFolder> {
  const [first, ...others] = vscode.workspace.workspaceFolders ?? [];
  if (first === undefined) throw new Error(vscode.l10n.t('Open a folder first: crosstag.json belongs into one.'));
  return others.length === 0 ? first : answered(vscode.window.showWorkspaceFolderPick());
}

function mayReplace(): Promise<boolean> {
  return choose(vscode.l10n.t('There is a crosstag.json already'), [
    { value: false, label: vscode.l10n.t('Open it'), description: vscode.l10n.t('nothing is changed') },
    { value: true, label: vscode.l10n.t('Replace it'), description: vscode.l10n.t('after all questions are answered') },
  ]);
}

async function offerNext({ encoder, languages }: ProjectDraft): Promise<void> {
  const pretrain = vscode.l10n.t('Pre-train Encoder');
  const retrain = vscode.l10n.t('Retrain Now');
  if (encoder !== undefined) {
    const message = vscode.l10n.t('The project is set up. Next, an encoder learns its languages from the plain texts.');
    const answer = await vscode.window.showInformationMessage(message, pretrain);
    if (answer === pretrain) await vscode.commands.executeCommand('crosstag.pretrain');
  } else if (languages.some(({ train }) => train !== undefined)) {
    const message = vscode.l10n.t('The project is set up. Next, a tagger learns from the labelled files.');
    const answer = await vscode.window.showInformationMessage(message, retrain);
    if (answer === retrain) await vscode.commands.executeCommand('crosstag.retrain');
  }
}

async function ask(): Promise<ProjectDraft> {
  const task = await choose<ProjectDraft['task']>(vscode.l10n.t('What is labelled?'), [
    { value: 'ner', label: vscode.l10n.t('Names'), description: vscode.l10n.t('people, places, organisations, ...') },
    { value: 'pos', label: vscode.l10n.t('Parts of speech'), description: vscode.l10n.t('one label a word') },
  ]);
  const languages: Language[] = [];
  for (let more = true; more; more = await wantsAnother(languages.length)) languages.push(await askLanguage(languages));
  const [only, ...others] = languages;
  // Of several languages, one that has labels is learnt from.
  if (others.length === 0 && only!.train !== undefined) {
    const documents = await askDocuments(describeLanguage(only!.language, vscode.env.language));
    return { task, languages: [{ ...only!, ...(documents !== undefined && { documents }) }] };
  }
  const withText = languages.filter(({ text }) => text !== undefined);
  if (withText.length < 2) return { task, languages };
  const pairs = await askWordLists(withText);
  return { task, languages, encoder: { ...(await askEffort()), ...(pairs !== undefined && { pairs }) } };
}

function wantsAnother(count: number): Promise<boolean> {
  const another = {
    value: true,
    label: vscode.l10n.t('Add a language…'),
    description: vscode.l10n.t('an encoder carries labels from one language to another'),
  };
  const all = { value: false, label: vscode.l10n.t('No, this is the only one') };
  const choices = count === 1 ? [another, all] : [{ ...all, label: vscode.l10n.t('No, these are all') }, another];
  return choose(vscode.l10n.t('Another language?'), choices);
}

async function askLanguage(others: readonly Language[]): Promise<Language> {
  const language = await chooseLanguage(others);
  const name = describeLanguage(language, vscode.env.language);
  const text = await askText(name);
  const labelled = await askLabelled(name);
  const documents = labelled.train === undefined ? await askDocuments(name) : undefined;
  return { language, ...(text !== undefined && { text }), ...labelled, ...(documents !== undefined && { documents }) };
}

async function askText(name: string): Promise<string | undefined> {
  const files = await chooseWhetherFiles(vscode.l10n.t('Text to learn {0} from', name), [
    {
      value: {
        title: vscode.l10n.t('Plain text in {0}', name),
        openLabel: vscode.l10n.t('Learn from This'),
        kind: 'text',
      },
      label: vscode.l10n.t('Choose a plain text…'),
      description: vscode.l10n.t('an encoder learns from it'),
    },
    {
      value: undefined,
      label: vscode.l10n.t('There is none'),
      description: vscode.l10n.t('an encoder takes texts of two languages'),
    },
  ]);
  return files?.[0]?.fsPath;
}

/** A list to filter, in which any other tag can be typed. */
function chooseLanguage(others: readonly Language[]): Promise<string> {
  const taken = new Set(others.map(({ language }) => language));
  const offered: Choice<string>[] = languageChoices(vscode.env.language)
    .filter(({ tag }) => !taken.has(tag))
    .map(({ tag, name }) => ({ label: name, description: tag, value: tag }));
  const picker = vscode.window.createQuickPick<Choice<string>>();
  picker.title =
    others.length === 0
      ? vscode.l10n.t('First language: the one that has labels, if any')
      : vscode.l10n.t('Language that is to be labelled');
  picker.placeholder = vscode.l10n.t('Type a name or a BCP 47 tag, such as am, sw or pt-BR');
  picker.matchOnDescription = true;
  picker.ignoreFocusOut = true;
  picker.items = offered;
  picker.onDidChangeValue((value) => {
    const tag = typedTag(value);
    const isNew = tag !== undefined && !taken.has(tag) && !offered.some((choice) => choice.value === tag);
    const typed = {
      label: value.trim(),
      description: vscode.l10n.t('use this tag'),
      alwaysShow: true,
      value: tag ?? '',
    };
    picker.items = isNew ? [...offered, typed] : offered;
  });
  return answered(
    new Promise<string | undefined>((resolve) => {
      picker.onDidAccept(() => {
        const [picked] = picker.selectedItems;
        if (picked !== undefined) resolve(picked.value);
      });
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    }).finally(() => picker.dispose()),
  );
}

async function askLabelled(name: string): Promise<Pick<Language, 'train' | 'dev'>> {
  const train = await chooseWhetherFiles(vscode.l10n.t('Labelled files in {0}', name), [
    {
      value: {
        title: vscode.l10n.t('Labelled files in {0} to train on', name),
        openLabel: vscode.l10n.t('Train on These'),
        kind: 'labelled',
        many: true,
      },
      label: vscode.l10n.t('Choose files to train on…'),
    },
    {
      value: undefined,
      label: vscode.l10n.t('There are none'),
      description: vscode.l10n.t('it learns from other languages, and from what you label'),
    },
  ]);
  if (train === undefined) return {};
  const dev = await chooseDev(vscode.l10n.t('Measure on {0} while training?', name));
  return { train: train.map(({ fsPath }) => fsPath), ...(dev !== undefined && { dev: dev.fsPath }) };
}

/** Files that are to be labelled: Crosstag must know which language they are in. */
async function askDocuments(name: string): Promise<string[] | undefined> {
  const these = {
    title: vscode.l10n.t('To be labelled in {0}', name),
    openLabel: vscode.l10n.t('Label These'),
    many: true,
  };
  const chosen = await chooseWhetherFiles(vscode.l10n.t('Which files are to be labelled in {0}?', name), [
    { value: { ...these, kind: 'folder' }, label: vscode.l10n.t('Choose a folder…') },
    { value: { ...these, kind: 'text' }, label: vscode.l10n.t('Choose files…') },
    { value: undefined, label: vscode.l10n.t('Later'), description: vscode.l10n.t('in crosstag.json, as “documents”') },
  ]);
  return chosen?.map(({ fsPath }) => fsPath);
}

/** Word lists from the language with labels, whose labelled files they also translate, to each of the others. */
async function askWordLists(languages: readonly Language[]): Promise<Encoder['pairs']> {
  const source = languages.find(({ train }) => train !== undefined) ?? languages[0]!;
  const lists: [name: string, path: string][] = [];
  for (const other of languages) {
    const list = other === source ? undefined : await askPairs(source, other);
    if (list !== undefined) lists.push([`${source.language}-${other.language}`, list]);
  }
  const [first] = lists;
  if (first === undefined) return undefined;
  return languages.length === 2 && source === languages[0] ? first[1] : Object.fromEntries(lists);
}

async function askPairs(first: Language, second: Language): Promise<string | undefined> {
  const [one, other] = [first, second].map(({ language }) => describeLanguage(language, vscode.env.language));
  const files = await chooseWhetherFiles(vscode.l10n.t('Word list from {0} to {1}', one!, other!), [
    { value: undefined, label: vscode.l10n.t('Without a word list') },
    {
      value: {
        title: vscode.l10n.t('Word list: a word and its translation a line'),
        openLabel: vscode.l10n.t('Use This Word List'),
        kind: 'text',
      },
      label: vscode.l10n.t('Choose a word list…'),
      description: vscode.l10n.t('a pair a line; thousands of words help'),
    },
  ]);
  return files?.[0]?.fsPath;
}

function askEffort(): Promise<{ size: Size; minutes: number }> {
  return choose(vscode.l10n.t('How long may pre-training take?'), [
    {
      value: { size: 'tiny' as const, minutes: 15 },
      label: vscode.l10n.t('A quarter of an hour'),
      description: vscode.l10n.t('to try it out'),
    },
    { value: { size: 'small' as const, minutes: 120 }, label: vscode.l10n.t('Two hours') },
    { value: { size: 'base' as const, minutes: 600 }, label: vscode.l10n.t('A night') },
  ]);
}
