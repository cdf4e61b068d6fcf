// `crosstag retrain`: what the schedule of the editor runs. All labels of a workspace folder, hold-out, comparison, swap.
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { type Retrained, type RetrainProgress, readProject, retrain as retrainWorkspace } from '../learning/retrain.ts';
import type { Task } from '../text/index.ts';
import { disk } from '../workspace/disk.ts';
import { defineCommand, withGeneral, withJson } from './command.ts';
import { print, printJson } from './output.ts';
import { type Progress, startProgress } from './progress.ts';
import { showTraining } from './training-progress.ts';

const options = (yargs: Argv) =>
  withJson(withGeneral(yargs))
    .positional('workspace', { type: 'string', default: '.', describe: 'Folder with a crosstag.json' })
    .option('scratch', {
      type: 'boolean',
      default: false,
      describe: 'Train from nothing, not from the model in use',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Train where no label is new, too' });

export const retrain = defineCommand({
  usage: 'retrain [workspace]',
  summary: 'Train on all labels of a folder; the new model is used if it is not worse',
  example: ['$0 retrain news', 'what the editor does after so many corrections'],
  options,
  resume: () => 'what was learnt is kept: run the same command again to go on',
  async run({ workspace, json, seed, threads, engine, scratch, force }, { signal }) {
    const folder = resolve(workspace);
    const project = await readProject(disk, folder);
    await project.requireDocuments(disk);
    const progress = startProgress();
    try {
      const result = await retrainWorkspace({
        ...{ files: disk, workspace: folder, engine, threads, seed, scratch, force, signal },
        warn: (message) => progress.log(`warning: ${message}`),
        progress: show(progress, project.description.task),
      });
      progress.stop();
      if (json) await printJson(asJson(result));
      else await print(asText(result));
    } finally {
      progress.stop();
    }
    return 0;
  },
});

function show(progress: Progress, task: Task): (now: RetrainProgress) => void {
  let training: ReturnType<typeof showTraining> | undefined;
  return (now) => {
    if (now.phase === 'reading') progress.log('reading the labels');
    if (now.phase === 'comparing') progress.log('comparing the new model with the one in use');
    if (now.phase !== 'training') return;
    if (training === undefined) {
      progress.log(now.start === 'warm' ? 'training on from the model in use' : 'training from nothing');
      training = showTraining(progress, { task, parts: 'both' });
    }
    training(now.training);
  };
}

function asJson({ old, new: fresh, holdout, accepted, reason, seconds, entry }: Retrained) {
  return {
    ...{ old: old ?? null, new: fresh ?? null, holdout, accepted, reason, seconds },
    ...(entry && { start: entry.start, counts: entry.counts, source: entry.source, kappa: entry.kappa }),
  };
}

function asText({ new: fresh, accepted, reason, seconds }: Retrained): string {
  if (fresh === undefined) return `nothing was trained: ${reason}\n`;
  const what = accepted ? `${fresh} is in use` : `${fresh} is kept, but not used`;
  return `${what}, after ${seconds.toFixed(1)} s: ${reason}\n`;
}
