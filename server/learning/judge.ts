// Is the new model to replace the old one? Scores of both on the hold-out and on the language that it started from, and how
// far they agree on text that nobody has labelled.
import type { LabelledSentence } from '../tagger/index.ts';
import { kappa } from '../tags/index.ts';
import { Random } from '../tensor/index.ts';
import type { KnownModel } from '../workspace/models.ts';
import { type Comparison, compare } from './compare.ts';
import type { HistoryEntry } from './history.ts';
import type { WorkspaceLabels } from './labels.ts';
import { type LoadedModel, type Means, measuredOf, withModel } from './measure.ts';

/** Sentences that each question is asked about, at most; the hold-out is asked about whole. */
const MOST_SOURCE = 400;
const MOST_OPEN = 300;

/** Without a hold-out, a model that has lost so many points where it came from is rejected. */
const FORGOTTEN = 5;

export interface Judgement {
  readonly accepted: boolean;
  /** One line for people. */
  readonly reason: string;
  readonly holdout: HistoryEntry['holdout'];
  readonly source: HistoryEntry['source'];
  readonly kappa: number | undefined;
}

/** @throws InputError for models that cannot be loaded; the signal's reason when it is aborted */
export async function judge(
  candidate: string,
  old: KnownModel | undefined,
  labels: WorkspaceLabels,
  means: Means & { readonly seed: number },
): Promise<Judgement> {
  const { heldOut, task } = labels;
  const source = sample(labels.dev, MOST_SOURCE, means.seed);
  const open = sample(labels.open, MOST_OPEN, means.seed);
  const ask = async (model: LoadedModel) => ({
    heldOut: await model.tag(heldOut),
    source: await model.tag(source),
    open: await model.tag(open),
  });
  const fresh = await withModel(candidate, means, ask);
  const before = old && (await withModel(old.folder, means, ask));
  const scoreOf = (gold: readonly LabelledSentence[], tags: readonly (readonly string[])[]) =>
    measuredOf(gold, tags, task);
  const holdout =
    heldOut.length > 0
      ? { ...(before && { old: scoreOf(heldOut, before.heldOut) }), new: scoreOf(heldOut, fresh.heldOut) }
      : undefined;
  const onSource =
    source.length > 0
      ? { ...(before && { old: scoreOf(source, before.source).score }), new: scoreOf(source, fresh.source).score }
      : undefined;
  const gold = heldOut.map(({ tags }) => tags);
  const comparison =
    before && heldOut.length > 0 ? compare(gold, before.heldOut, fresh.heldOut, task, means.seed) : undefined;
  return {
    ...verdictOf(labels, old, comparison, onSource),
    ...{ holdout, source: onSource },
    kappa: before && open.length > 0 ? kappa(before.open, fresh.open) : undefined,
  };
}

function verdictOf(
  { task, heldOut }: WorkspaceLabels,
  old: KnownModel | undefined,
  comparison: Comparison | undefined,
  source: HistoryEntry['source'],
): Pick<Judgement, 'accepted' | 'reason'> {
  const measure = task === 'ner' ? 'F1' : 'accuracy';
  if (old === undefined) return { accepted: true, reason: 'it is the first model' };
  if (comparison !== undefined) {
    const { accepted, worse } = comparison;
    const scores = `${measure} ${comparison.new.toFixed(1)} against ${comparison.old.toFixed(1)} of ${old.name}`;
    const what = `${scores} on ${heldOut.length} held-out ${heldOut.length === 1 ? 'sentence' : 'sentences'}`;
    const chance = `worse in ${Math.round(100 * worse)}% of the draws`;
    return { accepted, reason: accepted ? what : `${what}: ${chance}, so ${old.name} stays in use` };
  }
  const none = 'no labelled sentence is held out yet';
  if (source?.old === undefined) return { accepted: true, reason: `${none}: it is used without a comparison` };
  const scores = `${measure} ${source.new.toFixed(1)} against ${source.old.toFixed(1)} on the development data`;
  if (source.old - source.new <= FORGOTTEN) return { accepted: true, reason: `${none}; ${scores}` };
  return { accepted: false, reason: `${none}, and it has forgotten too much: ${scores}, so ${old.name} stays in use` };
}

function sample<T>(items: readonly T[], most: number, seed: number): readonly T[] {
  if (items.length <= most) return items;
  return new Random(seed, 'compared').shuffle([...items]).slice(0, most);
}
