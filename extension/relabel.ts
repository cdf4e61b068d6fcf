// Gives the tokens at the cursor or in the selection a label.
import * as vscode from 'vscode';
import type { LabelChoice } from '../server/protocol.ts';
import { atCursors, type Labels } from './edits.ts';
import { digitOf } from './label-keys.ts';
import { percent } from './styles.ts';

/** The label that means "nobody has decided". */
export const UNDECIDED = '_';

interface Choice extends vscode.QuickPickItem {
  readonly choice: string | null;
  /** Nobody has used it: the server says whether it can be a label. */
  readonly isNew?: true;
}

/** Asks for a label and sets it. */
export async function relabel(labels: Labels, editor: vscode.TextEditor): Promise<void> {
  const answer = await askLabel(labels, editor.document, editor.selection);
  if (typeof answer === 'object') await setLabel(labels, editor, answer.choice);
}

/** The answer to a question for a label: `back` to the question before; undefined: it was dismissed. */
type Answer = { readonly choice: string | null } | 'back' | undefined;

/**
 * Asks for a label; the probabilities are those of the tokens at `range`.
 * @param after the title of a question that follows another one: it stays when the focus goes, and one can go back
 */
export async function askLabel(
  labels: Labels,
  document: vscode.TextDocument,
  range: vscode.Range,
  after?: string,
): Promise<Answer> {
  const [{ task, tokens, choices }, order] = await Promise.all([
    labels.server.ask((connection) => connection.labelChoices(document, range)),
    labels.keys.of(document, range.start),
  ]);
  const input = vscode.window.createQuickPick<Choice>();
  input.title = after ?? vscode.l10n.t('Label of “{0}”', tokens);
  if (after !== undefined) {
    input.ignoreFocusOut = true;
    input.buttons = [vscode.QuickInputButtons.Back];
  }
  const problem = (label: string) => labels.server.ask((connection) => connection.labelProblem(document, range, label));
  return pick(input, items(task, choices, order), choices[0]?.label, problem);
}

/** Sets a label: null is no entity (`O`), `_` is undecided. */
export async function setLabel(labels: Labels, editor: vscode.TextEditor, label: string | null): Promise<void> {
  await atCursors(labels, editor, (ranges) =>
    labels.server.ask((connection) => connection.relabel(editor.document, ranges, label)),
  );
}

/** Sets the label of key `number`, counted from 1. */
export async function setLabelOfKey(labels: Labels, editor: vscode.TextEditor, number: number): Promise<void> {
  await setLabel(labels, editor, await labels.keys.label(editor, number));
}

/** In the order of the keys, so that a digit means here what its key means in the text; then what has no key. */
function items(task: 'ner' | 'pos', choices: readonly LabelChoice[], order: readonly string[]): Choice[] {
  const byLabel = new Map(choices.map((choice) => [choice.label, choice]));
  const names = new Set([...order, ...choices.flatMap(({ label }) => label ?? [])]);
  const all = [...names].map((label, index): Choice => {
    return { label: `${digitOf(index + 1)}${label}`, description: notes(byLabel.get(label)), choice: label };
  });
  if (task === 'ner') {
    const description = [vscode.l10n.t('no entity'), notes(byLabel.get(null))].filter((note) => note !== '').join('  ');
    all.push({ label: 'O', description, choice: null });
  }
  if (!names.has(UNDECIDED)) {
    all.push({ label: UNDECIDED, description: vscode.l10n.t('undecided'), choice: UNDECIDED });
  }
  return all;
}

function notes(choice: LabelChoice | undefined): string {
  return [
    ...(choice?.probability === undefined ? [] : [percent(choice.probability)]),
    ...(choice?.current ? [vscode.l10n.t('$(check) in the file')] : []),
  ].join('  ');
}

/**
 * A quick pick in which letters filter and a digit picks at once; Enter takes the most probable one, or makes a label of what
 * is typed where no other is called so.
 * @param problem says why a text cannot be a label; null: it can
 */
function pick(
  input: vscode.QuickPick<Choice>,
  choices: readonly Choice[],
  probable: string | null | undefined,
  problem: (label: string) => Promise<string | null>,
): Promise<Answer> {
  input.placeholder = vscode.l10n.t('Type a digit to pick, letters to filter, or a new label');
  const show = (items: readonly Choice[], active: Choice | undefined) => {
    input.items = items;
    input.activeItems = active === undefined ? [] : [active];
  };
  const showAll = () => {
    show(
      choices,
      choices.find(({ choice }) => choice === probable),
    );
  };
  showAll();
  return new Promise((resolve, reject) => {
    const finish = (answer: Answer) => {
      resolve(answer);
      input.hide();
    };
    const fail = (error: unknown) => {
      reject(error);
      input.hide();
    };
    input.onDidChangeValue((value) => {
      const digit = /^\d$/.test(value) ? choices.find(({ label }) => label.startsWith(`${value} `)) : undefined;
      if (digit !== undefined) {
        finish(digit);
        return;
      }
      const name = value.trim();
      const lower = name.toLowerCase();
      const exact = choices.find(({ choice }) => (choice ?? 'O') === name);
      const added = newLabel(name);
      if (name === '') showAll();
      else if (exact !== undefined) show(choices, exact);
      // Who types small letters means the label that is there.
      else show([...choices, added], choices.find(({ label }) => label.toLowerCase().includes(lower)) ?? added);
    });
    const take = async (picked: Choice) => {
      const refusal = picked.isNew ? await problem(picked.choice!) : null;
      if (refusal === null) finish(picked);
      else show([{ ...picked, label: `$(error) ${picked.choice}`, description: refusal }], undefined);
    };
    input.onDidAccept(() => {
      const [picked] = input.activeItems;
      if (picked !== undefined) void take(picked).catch(fail);
    });
    input.onDidTriggerButton(() => finish('back'));
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}

function newLabel(choice: string): Choice {
  return { label: vscode.l10n.t('$(add) New label “{0}”', choice), alwaysShow: true, choice, isNew: true };
}
