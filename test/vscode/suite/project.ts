import assert from 'node:assert/strict';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { bytes, closeAll, file, until } from './support.ts';

const PROJECT = 'crosstag.json';
const TEXT = `{
  "task": "ner",
  "languages": [
    { "language": "en", "text": "en.txt", "speakers": 2 },
    { "language": "english", "text": "/am.txt" }
  ]
}
`;

/** One that is as it should be. */
const RIGHT = '{ "task": "ner", "languages": [{ "language": "en", "documents": ["*.conll"] }] }\n';

function write(name: string, text: string): Thenable<void> {
  return vscode.workspace.fs.writeFile(file(name), new TextEncoder().encode(text));
}

/** What the editor gives a button in the title of a document beside its URI. */
const TITLE = { groupId: 0, editorIndex: 0 };

/** What is in the active tab, as soon as it has this title. */
async function activeTab(title: string): Promise<vscode.Tab> {
  return until(`the tab ${title}`, () => {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    return tab?.label === title && tab;
  });
}

describe('a project', () => {
  beforeEach(() => write(PROJECT, TEXT));
  afterEach(async () => {
    await closeAll();
    await vscode.workspace.fs.delete(file(PROJECT));
  });

  it('is checked by the editor with the schema of the extension', async () => {
    const { document } = await vscode.window.showTextDocument(file(PROJECT));
    const found = await until('diagnostics', () => {
      const all = vscode.languages.getDiagnostics(document.uri);
      return all.length >= 3 && all;
    });
    const messages = found.map(({ message, range }) => `${range.start.line}: ${message}`).sort();
    assert.match(messages[0]!, /^3: Property speakers is not allowed/);
    assert.match(messages[1]!, /^4: this is no (language tag|relative path)/);
    assert.match(messages[2]!, /^4: this is no (language tag|relative path)/);
  });

  it('that is there is opened and not replaced unless that is wanted', async () => {
    const done = vscode.commands.executeCommand('crosstag.setUpProject');
    // The first choice is to open it.
    await until('the project in an editor', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return vscode.window.activeTextEditor?.document.uri.path.endsWith(PROJECT);
    });
    await done;
    assert.equal(Buffer.from(await bytes(PROJECT), 'latin1').toString(), TEXT);
  });
});

describe('the dashboard', () => {
  before(() => write(PROJECT, RIGHT));
  after(async () => {
    await closeAll();
    await vscode.workspace.fs.delete(file(PROJECT));
  });

  it('opens from the title of crosstag.json, which gives its own URI', async () => {
    await vscode.commands.executeCommand('crosstag.showDashboard', file(PROJECT), TITLE);
    const { input } = await activeTab(`Dashboard: ${basename(file('.').fsPath)}`);
    assert(input instanceof vscode.TabInputWebview && input.viewType.endsWith('crosstag.dashboard'));
  });

  it('is one page also where it is asked for again while it loads', async () => {
    await closeAll();
    const show = () => vscode.commands.executeCommand('crosstag.showDashboard', file('.'));
    await Promise.all([show(), show()]);
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await until('the dashboard', () => tabs().some(({ label }) => label.startsWith('Dashboard: ')));
    assert.equal(tabs().length, 1);
  });
});

describe('the report of an encoder', () => {
  after(closeAll);

  it('opens in a webview, one for each encoder', async () => {
    const both = { forward: 9.5, backward: 9.75 };
    const line = {
      step: 10,
      words: 640,
      seconds: 2,
      loss: { en: both, am: both },
      alignment: { 'average linkage': 1 },
    };
    await write('.crosstag/encoders/en-am/1.training/log.jsonl', `${JSON.stringify(line)}\n`);
    const folder = file('.crosstag/encoders/en-am/1.training');
    await vscode.commands.executeCommand('crosstag.showEncoderReport', folder);
    const { input } = await activeTab('Encoder en-am/1');
    assert(input instanceof vscode.TabInputWebview && input.viewType.endsWith('crosstag.encoderReport'));
    await vscode.commands.executeCommand('crosstag.showEncoderReport', folder);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.equal(tabs.filter(({ label }) => label === 'Encoder en-am/1').length, 1);
  });

  it('asks for the encoder where it is wanted from the title of crosstag.json', async () => {
    await closeAll();
    const done = vscode.commands.executeCommand('crosstag.showEncoderReport', file(PROJECT), TITLE);
    await until('the report of the first one', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith('Encoder ');
    });
    await done;
  });
});
