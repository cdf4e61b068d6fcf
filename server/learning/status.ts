// What stands in a workspace folder: documents, labels by origin, models, and what waits to be learnt.
import type { Task } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';
import type { Journal } from '../workspace/journal/index.ts';
import { findModels, inUse } from '../workspace/models.ts';
import { correctionsSince } from './corrections.ts';
import { readHistory } from './history.ts';
import { gatherLabels, type WorkspaceCounts } from './labels.ts';
import { readProject } from './retrain.ts';
import { mayStop } from './stop.ts';

/** Corrections that no model of the task has seen. */
export async function waitingCorrections(
  files: Files,
  workspace: string,
  task: Task,
  journal: Journal,
): Promise<number> {
  const models = (await findModels(files, workspace)).filter((model) => model.task === task);
  return correctionsSince(models, journal.entries());
}

export interface WorkspaceStatus {
  readonly task: Task;
  readonly counts: WorkspaceCounts;
  /** The one in use first. */
  readonly models: readonly {
    readonly name: string;
    readonly created: string;
    readonly active: boolean;
    readonly rejected?: string;
    /** On the hold-out as it was when the model was made, 0 to 100. */
    readonly score?: number;
  }[];
  /** Corrections that no model has learnt, and after how many the editor trains by itself. */
  readonly corrections: number;
  readonly after: number;
  /** Agreement of the last model with the one before it on text without labels. */
  readonly kappa?: number;
  /** Successive models agree so well that further labels change little. */
  readonly mayStop: boolean;
}

/**
 * @throws InputError where there is no project, a document is not there, or labelled files cannot be read; the signal's reason
 * when it is aborted
 */
export async function workspaceStatus(
  files: Files,
  workspace: string,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<WorkspaceStatus> {
  const project = await readProject(files, workspace);
  await project.requireDocuments(files);
  const plan = project.learning();
  const { counts, task, journal } = await gatherLabels({ files, project, plan, warn, signal });
  const models = (await findModels(files, workspace)).filter((model) => model.task === task);
  const history = (await readHistory(files, workspace)).filter((entry) => entry.task === task);
  const active = inUse(models, task);
  const agreements = history.flatMap(({ kappa }) => kappa ?? []);
  const kappa = agreements.at(-1);
  return {
    ...{ task, counts, after: plan.settings.corrections, mayStop: mayStop(agreements, plan.settings.kappa) },
    models: models.map((model) => {
      const score = history.findLast((entry) => entry.model === model.name)?.holdout?.new.score;
      return {
        ...{ name: model.name, created: model.created, active: model === active },
        ...(model.rejected !== undefined && { rejected: model.rejected }),
        ...(score !== undefined && { score }),
      };
    }),
    corrections: correctionsSince(models, journal.entries()),
    ...(kappa !== undefined && { kappa }),
  };
}
