// Questions to the user: pickers and dialogs whose dismissal ends the whole command.
import * as vscode from 'vscode';

/** A person has dismissed a question: the command ends without a word. */
export class Dismissed extends Error {}

/** @throws Dismissed where the answer is undefined */
export async function answered<T>(answer: Thenable<T | undefined>): Promise<T> {
  const given = await answer;
  if (given === undefined) throw new Dismissed();
  return given;
}

/** Runs a command whose questions may be dismissed. @returns undefined then */
export async function unlessDismissed<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Dismissed) return undefined;
    throw error;
  }
}

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Asks for one of several things. @throws Dismissed */
export async function choose<T>(title: string, choices: readonly Choice<T>[]): Promise<T> {
  return (
    await answered(vscode.window.showQuickPick(choices, { title, matchOnDescription: true, ignoreFocusOut: true }))
  ).value;
}

const LABELLED = 'conll conll2002 conll2003 iob iob1 iob2 bio uner conllu conllup ann jsonl ndjson'.split(' ');

export interface FileQuestion {
  readonly title: string;
  readonly openLabel: string;
  /** `labelled`: files with labels; `folder`: a folder; else any text. */
  readonly kind: 'labelled' | 'text' | 'folder';
  readonly many?: boolean;
}

/** Asks for files, or a folder, on the disk. @throws Dismissed */
export function chooseFiles({ title, openLabel, kind, many = false }: FileQuestion): Promise<vscode.Uri[]> {
  const all = { [vscode.l10n.t('All files')]: ['*'] };
  const filters =
    kind === 'labelled'
      ? { [vscode.l10n.t('Labelled text')]: LABELLED, ...all }
      : { [vscode.l10n.t('Plain text')]: ['txt', 'gz'], ...all };
  return answered(
    vscode.window.showOpenDialog({
      ...{ title, openLabel, canSelectMany: many, defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri },
      ...(kind === 'folder' ? { canSelectFiles: false, canSelectFolders: true } : { filters }),
    }),
  );
}

/**
 * Asks whether files shall be chosen, and for them; a file dialog that is dismissed leads back to the question.
 * @param choices what to ask for, or undefined for doing without
 * @throws Dismissed where the question itself is
 */
export async function chooseWhetherFiles(
  title: string,
  choices: readonly Choice<FileQuestion | undefined>[],
): Promise<vscode.Uri[] | undefined> {
  for (;;) {
    const question = await choose(title, choices);
    if (question === undefined) return undefined;
    const files = await unlessDismissed(() => chooseFiles(question));
    if (files !== undefined) return files;
  }
}
