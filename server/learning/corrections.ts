// What people have decided since the labels were read that a model has learnt.
import { isLabelEntry, type JournalEntry } from '../workspace/journal/index.ts';
import type { KnownModel } from '../workspace/models.ts';

/**
 * Corrections that none of the models knows: lines of the journal about labels that are younger than what the models have
 * learnt, or where that was not noted, than the models.
 */
export function correctionsSince(
  models: readonly Pick<KnownModel, 'created' | 'labelsRead'>[],
  entries: readonly JournalEntry[],
): number {
  const date = models.reduce(
    (latest, { created, labelsRead = created }) => (labelsRead > latest ? labelsRead : latest),
    '',
  );
  return entries.filter((entry) => isLabelEntry(entry) && entry.at > date).length;
}
