// The models of a workspace folder side by side: all of them on the hold-out as it is now.

import type { Files } from '../workspace/host.ts';
import { findModels, inUse, type KnownModel } from '../workspace/models.ts';
import type { OpenText } from './document-labels.ts';
import { readHistory } from './history.ts';
import { gatherLabels } from './labels.ts';
import { type Means, measuredOf, withModel } from './measure.ts';
import { readProject } from './retrain.ts';

/** A model, and what it is worth. */
export interface ScoredModel extends KnownModel {
  readonly active: boolean;
  /** F1 (NER) or accuracy (POS) on the hold-out as it is now, 0 to 100; undefined where nothing is held out. */
  readonly holdout?: number;
  /** The same measure on the development data of the labelled files, when the model was made. */
  readonly source?: number;
}

export interface ScoreOptions extends Means {
  readonly files: Files;
  readonly workspace: string;
  readonly open?: readonly OpenText[];
  readonly warn?: (message: string) => void;
  /** Called with the number of models that are done, and of all. */
  readonly progress?: (done: number, all: number) => void;
}

/** The models of the project's task, the one in use first. */
export async function listModels(files: Files, workspace: string): Promise<ScoredModel[]> {
  const models = await findModels(files, workspace);
  const history = await readHistory(files, workspace);
  return models.map((model) => {
    const source = history.findLast((entry) => entry.model === model.name)?.source?.new;
    return { ...model, active: model === inUse(models, model.task), ...(source !== undefined && { source }) };
  });
}

/** @throws InputError where there is no project; a model that cannot be loaded has no score */
export async function scoreModels(options: ScoreOptions): Promise<ScoredModel[]> {
  const { files, workspace, warn, progress, signal } = options;
  const project = await readProject(files, workspace);
  const plan = project.learning();
  const { heldOut } = await gatherLabels({ ...options, project, plan });
  const models = (await listModels(files, workspace)).filter(({ task }) => task === plan.task);
  const scored: ScoredModel[] = [];
  for (const model of models) {
    progress?.(scored.length, models.length);
    signal?.throwIfAborted();
    const holdout =
      heldOut.length === 0 ? undefined : await score(model).catch((error) => warn?.((error as Error).message));
    signal?.throwIfAborted();
    scored.push({ ...model, ...(holdout !== undefined && { holdout: holdout as number }) });
  }
  return scored;

  async function score({ folder }: KnownModel): Promise<number> {
    const tags = await withModel(folder, options, (model) => model.tag(heldOut));
    return measuredOf(heldOut, tags, plan.task).score;
  }
}
