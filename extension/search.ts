// Searches tokens and spans by words, patterns and labels, and relabels what is found.
import * as vscode from 'vscode';
import type { BulkScope } from '../server/protocol.ts';
import type { Found, FoundHit } from './bulk-connection.ts';
import type { Labels } from './edits.ts';
import { labelHits, pickHits } from './hits.ts';
import { scopeIn } from './many-files.ts';
import { Dismissed } from './questions.ts';
import { askLabel } from './relabel.ts';

/** The last query, to start from. */
let last = '';

export async function searchAndRelabel(labels: Labels, editor: vscode.TextEditor, scope: BulkScope): Promise<void> {
  const found = await askQuery(labels, editor.document, scopeIn(editor.document, scope));
  let ticked: ReadonlySet<FoundHit> | undefined;
  for (;;) {
    const picked = await pickHits(vscode.l10n.t('What is to be relabelled?'), found, ticked);
    const [first] = picked;
    if (first === undefined) return;
    const isHere = first.uri.toString() === editor.document.uri.toString();
    const range = isHere ? first.range : editor.selection;
    const title = vscode.l10n.t('Label of {0} places', picked.length);
    const answer = await askLabel(labels, editor.document, range, title);
    if (answer !== 'back') {
      if (answer !== undefined) await labelHits(labels, editor.document, picked, answer.choice);
      return;
    }
    ticked = new Set(picked);
  }
}

/** Asks for a query until one is understood and finds something. @throws Dismissed */
function askQuery(labels: Labels, document: vscode.TextDocument, scope: BulkScope): Promise<Found> {
  const input = vscode.window.createInputBox();
  input.title =
    scope === 'file' ? vscode.l10n.t('Search tokens in the file') : vscode.l10n.t('Search tokens in the project');
  input.placeholder = vscode.l10n.t(
    '"Addis Ababa"   /^Addis/i   label:LOC   label:_   Addis * label:ORG   Paris&!label:LOC',
  );
  input.prompt = vscode.l10n.t(
    'Words, "words in a row", /pattern/, label:NAME, * for any token, & and !, [what is found]',
  );
  input.value = last;
  input.ignoreFocusOut = true;
  const source = new vscode.CancellationTokenSource();
  return new Promise<Found>((resolve, reject) => {
    const search = async () => {
      last = input.value;
      input.busy = true;
      input.validationMessage = undefined;
      const found = await labels.server.ask(({ bulk }) => bulk.search(document.uri, scope, input.value, source.token));
      input.busy = false;
      if ('refused' in found) input.validationMessage = found.refused;
      else if (found.hits.length === 0) input.validationMessage = vscode.l10n.t('Nothing is found.');
      else {
        resolve(found);
        input.hide();
      }
    };
    const fail = (error: unknown) => {
      reject(error);
      input.hide();
    };
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidAccept(() => void search().catch(fail));
    input.onDidHide(() => {
      source.cancel();
      reject(new Dismissed());
      input.dispose();
    });
    input.show();
  });
}
