// The dashboard of a workspace folder, for `crosstag report`.
import { join, resolve } from 'node:path';
import { dashboardPage } from '../features/dashboard/index.ts';
import type { DashboardData } from '../learning/dashboard.ts';
import { gatherDashboard } from '../learning/gather-dashboard.ts';
import { ProjectCounts } from '../learning/project-counts.ts';
import { AnnotationFiles } from '../workspace/annotation-files.ts';
import { disk } from '../workspace/disk.ts';
import { readFromDisk } from '../workspace/disk-documents.ts';
import { Journal } from '../workspace/journal/index.ts';
import { Project } from '../workspace/project.ts';
import { parseSettings } from '../workspace/settings.ts';
import { printJson, say, writeOutput } from './output.ts';

/** Writes the page. @throws InputError where crosstag.json cannot be read; the signal's reason when it is aborted */
export async function reportDashboard(
  given: string,
  { out, json, ...files }: { out: string | undefined; json: boolean; script: string; style: string },
  signal: AbortSignal,
): Promise<void> {
  const folder = resolve(given);
  const project = await Project.read(disk, folder);
  const warn = (message: string) => say(`warning: ${message}`);
  const annotations = new AnnotationFiles(disk);
  const settings = parseSettings(undefined);
  const read = (path: string) =>
    readFromDisk(path, { ...settings, language: project?.languageOf(path) ?? '' }, annotations);
  const journal = new Journal(folder, { problem: ({ message }) => warn(message) });
  await journal.refresh();
  const counts = new ProjectCounts({ open: () => undefined, read, warn, signal });
  // Which key gives which label is the editor's to know.
  const data = await gatherDashboard(folder, { files: disk, journal, counts, warn, keys: () => [] });
  const target = out ?? join(given, 'dashboard.html');
  await writeOutput(target, dashboardPage(data, files));
  if (target !== '-') say(`${target}: the dashboard of ${data.name}`);
  if (json) await printJson({ report: target, ...summary(data) });
}

function summary({ counts, history, model, schedule }: DashboardData) {
  return {
    ...(counts !== undefined && {
      ...{ documents: counts.documents, sentences: counts.all.sentences, tokens: counts.all.tokens },
      ...{ reviewed: counts.reviewed.sentences, decided: counts.decided, conflicts: counts.conflicts },
    }),
    retrainings: history.length,
    ...(model !== undefined && { model }),
    ...(schedule !== undefined && { waiting: { corrections: schedule.corrections, after: schedule.after } }),
  };
}
