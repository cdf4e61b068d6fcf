// Gives the tokens at the cursor or in the selection a label.
import * as vscode from 'vscode';
import type { LabelChoice } from '../server/protocol.ts';
import { applyLabels } from './edits.ts';
import type { Server } from './server.ts';
import type { Standoff } from './standoff.ts';
import { percent } from './styles.ts';

/** The label that means "nobody has decided". */
export const UNDECIDED = '_';
/** The first nine choices have a digit that picks them at once. */
const DIGITS = 9;

interface Choice extends vscode.QuickPickItem {
  readonly choice: string | null;
}

/** Asks for a label and sets it. */
export async function relabel(server: Server, standoff: Standoff, editor: vscode.TextEditor): Promise<void> {
  const { document, selection } = editor;
  const { task, tokens, choices } = await server.labelChoices(document, selection);
  const picked = await pick(vscode.l10n.t('Label of “{0}”', tokens), items(task, choices));
  if (picked !== undefined) await setLabel(server, standoff, editor, picked.choice);
}

/** Sets a label: null is no entity (`O`), `_` is undecided. */
export async function setLabel(
  server: Server,
  standoff: Standoff,
  editor: vscode.TextEditor,
  label: string | null,
): Promise<void> {
  const { document, selection } = editor;
  await applyLabels(document, standoff, () => server.relabel(document, selection, label));
}

function items(task: 'ner' | 'pos', choices: readonly LabelChoice[]): Choice[] {
  const all = choices.map((choice, index): Choice => {
    const digit = index < DIGITS ? `${index + 1} ` : '';
    const label = choice.label ?? 'O';
    const notes = [
      ...(choice.label === null ? [vscode.l10n.t('no entity')] : []),
      ...(choice.probability === undefined ? [] : [percent(choice.probability)]),
      ...(choice.current ? [vscode.l10n.t('$(check) in the file')] : []),
    ];
    return { label: `${digit}${label}`, description: notes.join('  '), choice: choice.label };
  });
  if (task === 'ner' && choices.every(({ label }) => label !== null)) {
    all.push({ label: 'O', description: vscode.l10n.t('no entity'), choice: null });
  }
  if (choices.every(({ label }) => label !== UNDECIDED)) {
    all.push({ label: UNDECIDED, description: vscode.l10n.t('undecided'), choice: UNDECIDED });
  }
  return all;
}

/** A quick pick in which letters filter and a digit picks at once. */
function pick(title: string, choices: Choice[]): Promise<Choice | undefined> {
  const input = vscode.window.createQuickPick<Choice>();
  input.title = title;
  input.placeholder = vscode.l10n.t('Type a digit to pick, letters to filter');
  input.items = choices;
  return new Promise((resolve) => {
    const finish = (choice: Choice | undefined) => {
      resolve(choice);
      input.hide();
    };
    input.onDidChangeValue((value) => {
      if (/^[1-9]$/.test(value) && Number(value) <= Math.min(DIGITS, choices.length))
        finish(choices[Number(value) - 1]);
    });
    input.onDidAccept(() => finish(input.activeItems[0]));
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}
