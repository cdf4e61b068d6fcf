// Whose labels they are: by origin, by person, by session; and the keys that give them.
import type { LabelCounts } from '../../learning/label-counts.ts';
import type { Session } from '../../learning/sessions.ts';
import { duration, whole } from '../numbers.ts';
import { dateHtml, nameHtml } from '../page/html.ts';
import { tableHtml, words } from '../page/table.ts';

/** Newest ones that are shown. */
const MOST_SESSIONS = 10;

export function labelsSection(counts: LabelCounts | undefined, sessions: readonly Session[]): string {
  const parts = [counts === undefined ? '' : originTable(counts), people(counts), sessionTable(sessions)];
  if (parts.every((part) => part === '')) return '';
  return `<section aria-labelledby="labels">\n<h2 id="labels">Labels</h2>\n${parts.join('\n')}\n</section>`;
}

function originTable({ labels }: LabelCounts): string {
  if (labels.size === 0) {
    return '<p>No document has a label yet. Open one and press Alt+L, or accept a suggestion.</p>';
  }
  const rows = [...labels]
    .sort(([, a], [, b]) => b.human + b.file - a.human - a.file)
    .map(([label, { human, file }]) => [nameHtml(label), ...[human, file, human + file].map(whole)]);
  const sum = (of: 'human' | 'file') => [...labels.values()].reduce((total, counts) => total + counts[of], 0);
  const [human, file] = [sum('human'), sum('file')];
  return tableHtml({
    id: 'origins',
    caption: 'Labels that stand in the documents, by origin',
    columns: ['Label', 'Given by people here', 'In the file before', 'All'],
    rows: [...rows, ['all', ...[human, file, human + file].map(whole)]],
  });
}

function people(counts: LabelCounts | undefined): string {
  if (counts === undefined || counts.annotators.size === 0) return '';
  const rows = [...counts.annotators]
    .sort(([, a], [, b]) => b.labels - a.labels)
    .map(([name, { labels, suggested, reviewed }]) => [nameHtml(name), ...[labels, suggested, reviewed].map(whole)]);
  return tableHtml({
    id: 'people',
    caption: 'Labels and reviewed sentences, by person',
    columns: ['Person', 'Labels', 'As a model had suggested', 'Sentences reviewed'],
    rows,
  });
}

function sessionTable(sessions: readonly Session[]): string {
  if (sessions.length === 0) return '';
  const rows = sessions
    .slice(0, MOST_SESSIONS)
    .map(({ start, annotator, seconds, labels, bulk, reviewed, hourly }) => [
      dateHtml(start),
      words(nameHtml(annotator)),
      duration(seconds),
      whole(labels),
      whole(bulk),
      whole(reviewed),
      hourly === undefined ? '' : whole(Math.round(hourly.labels)),
    ]);
  return tableHtml({
    id: 'sessions',
    caption: 'The last sessions of work',
    columns: ['Began', words('Person'), 'Length', 'Labels', 'Labels in bulk', 'Sentences reviewed', 'Labels an hour'],
    rows,
  });
}

/** Which key gives which label: Alt+1 to Alt+0, then with Shift. */
export function keysSection(keys: readonly string[]): string {
  if (keys.length === 0) return '';
  const rows = keys.slice(0, 20).map((label, i) => {
    return [`<kbd>Alt</kbd>+${i < 10 ? '' : '<kbd>Shift</kbd>+'}<kbd>${(i + 1) % 10}</kbd>`, words(nameHtml(label))];
  });
  const table = tableHtml({
    id: 'key-table',
    caption: 'Keys as they are at first',
    columns: ['Key', words('Label')],
    rows,
  });
  return `<section aria-labelledby="keys">\n<h2 id="keys">Keys of labels</h2>\n${table}\n</section>`;
}
