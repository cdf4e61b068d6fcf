// Lists places in a quick pick in which they are ticked, and labels what stays ticked.
import * as vscode from 'vscode';
import type { Found, FoundHit } from './bulk-connection.ts';
import type { Labels } from './edits.ts';
import { applyToFiles, nextGroup } from './many-files.ts';
import { Dismissed } from './questions.ts';

interface HitItem extends vscode.QuickPickItem {
  /** Undefined: the name of a file. */
  readonly hit: FoundHit | undefined;
}

/** Keeps words of either direction of writing in their place within a line. */
const isolated = (text: string) => `\u2068${text}\u2069`;

/**
 * Lets a person tick the places that are meant.
 * @param ticked those that a person has ticked before, instead of those that the server takes for meant
 * @throws Dismissed
 */
export function pickHits(
  title: string,
  { hits, more }: Found,
  ticked: ReadonlySet<FoundHit> = new Set(hits.filter(({ wanted }) => wanted)),
): Promise<FoundHit[]> {
  const input = vscode.window.createQuickPick<HitItem>();
  input.title = more ? vscode.l10n.t('{0} (only the first {1} places)', title, hits.length) : title;
  input.placeholder = vscode.l10n.t('Untick what is not meant; type to filter; Enter goes on');
  input.canSelectMany = true;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  input.ignoreFocusOut = true;
  input.items = itemsOf(hits);
  input.selectedItems = input.items.filter(({ hit }) => hit !== undefined && ticked.has(hit));
  return new Promise((resolve, reject) => {
    input.onDidTriggerItemButton(({ item }) => item.hit && goTo(item.hit));
    input.onDidAccept(() => {
      resolve(input.selectedItems.flatMap(({ hit }) => hit ?? []));
      input.hide();
    });
    input.onDidHide(() => {
      reject(new Dismissed());
      input.dispose();
    });
    input.show();
  });
}

function itemsOf(hits: readonly FoundHit[]): HitItem[] {
  const goToHit = { iconPath: new vscode.ThemeIcon('go-to-file'), tooltip: vscode.l10n.t('Show in the file') };
  const items: HitItem[] = [];
  let file: string | undefined;
  for (const hit of hits) {
    const name = vscode.workspace.asRelativePath(hit.uri);
    if (name !== file) items.push({ label: name, kind: vscode.QuickPickItemKind.Separator, hit: undefined });
    file = name;
    items.push({
      label: isolated(hit.words),
      description: vscode.l10n.t('{0}, line {1}', hit.labels, hit.range.start.line + 1),
      detail: [hit.before, `«${isolated(hit.words)}»`, hit.after].filter((part) => part !== '').join(' '),
      buttons: [goToHit],
      hit,
    });
  }
  return items;
}

/** Shows a place while the list stays open. */
function goTo({ uri, range }: FoundHit): void {
  void vscode.window.showTextDocument(uri, { selection: range, preview: true, preserveFocus: true });
}

/** Gives places a label: null is no entity (`O`), `_` undecided. */
export async function labelHits(
  labels: Labels,
  from: vscode.TextDocument,
  hits: readonly FoundHit[],
  label: string | null,
): Promise<void> {
  const byFile = new Map<string, FoundHit[]>();
  for (const hit of hits) {
    const key = hit.uri.toString();
    const known = byFile.get(key);
    if (known === undefined) byFile.set(key, [hit]);
    else known.push(hit);
  }
  const group = nextGroup();
  const files = [...byFile.values()].map(([first]) => first!.uri);
  await applyToFiles(labels, from, files, async (file) =>
    labels.server.ask(({ bulk }) => bulk.labelHits(file, byFile.get(file.toString())!, label, group)),
  );
  const message = vscode.l10n.t('{0}: {1} places in {2} files.', label ?? 'O', hits.length, files.length);
  vscode.window.setStatusBarMessage(message, 4000);
}
