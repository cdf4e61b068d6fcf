// What people have decided since a model was made that knows the rest.
import { isLabelEntry, type JournalEntry } from '../workspace/journal/index.ts';

/** Corrections that none of the models knows: lines of the journal about labels that are younger than the newest one. */
export function correctionsSince(
  models: readonly { readonly created: string }[],
  entries: readonly JournalEntry[],
): number {
  const date = models.reduce((latest, { created }) => (created > latest ? created : latest), '');
  return entries.filter((entry) => isLabelEntry(entry) && entry.at > date).length;
}
