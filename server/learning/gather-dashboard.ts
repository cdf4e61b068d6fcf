// Gathers what the dashboard of a workspace folder shows.
import { basename } from 'node:path';
import type { Task } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';
import { isLabelEntry, type Journal } from '../workspace/journal/index.ts';
import { findModels, inUse } from '../workspace/models.ts';
import { Project } from '../workspace/project.ts';
import { projectFiles } from '../workspace/project-files.ts';
import { LEARNING_DEFAULTS } from '../workspace/project-schema.ts';
import { correctionsSince } from './corrections.ts';
import type { DashboardData, Schedule } from './dashboard.ts';
import { readHistory } from './history.ts';
import type { ProjectCounts } from './project-counts.ts';
import { sessionsOf } from './sessions.ts';

export interface DashboardSources {
  readonly files: Files;
  /** Read already. */
  readonly journal: Journal;
  readonly counts: ProjectCounts;
  /** Told of documents that are not there. */
  readonly warn: (message: string) => void;
  /** The labels of a task in the order of their keys. */
  readonly keys: (task: Task) => readonly string[];
  /** Whether the tagger is trained, where an editor sees to that. */
  readonly state?: Schedule['state'] | undefined;
}

/**
 * @param folder the workspace folder
 * @throws InputError where its crosstag.json cannot be read
 */
export async function gatherDashboard(
  folder: string,
  { files, journal, counts, warn, state = 'idle', keys }: DashboardSources,
): Promise<DashboardData> {
  const [project, history, models] = await Promise.all([
    Project.read(files, folder),
    readHistory(files, folder),
    findModels(files, folder),
  ]);
  const entries = journal.entries();
  const { task, learning = {} } = project?.description ?? {};
  const { holdout, kappa, corrections: after } = { ...LEARNING_DEFAULTS, ...learning };
  const ofTask = models.filter((model) => model.task === task);
  const paths = project === undefined ? [] : await projectFiles(files, project, warn);
  const lines = new Map<string, number>();
  for (const entry of entries) if (isLabelEntry(entry)) lines.set(entry.file, (lines.get(entry.file) ?? 0) + 1);
  const schedule: Schedule = { state, corrections: correctionsSince(ofTask, entries), after };
  const known = { name: basename(folder), threshold: kappa, sessions: sessionsOf(entries) };
  if (task === undefined) return { ...known, history, keys: [] };
  return {
    ...known,
    ...{ task, schedule, keys: keys(task), model: inUse(models, task)?.name },
    history: history.filter((entry) => entry.task === task),
    ...(paths.length > 0 && { counts: await counts.count(folder, paths, journal, lines, holdout) }),
  };
}
