// `crosstag status`: what stands in a workspace folder.
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { type WorkspaceStatus, workspaceStatus } from '../learning/status.ts';
import { disk } from '../workspace/disk.ts';
import { defineCommand, withGeneral, withJson } from './command.ts';
import { plural, print, printJson, say } from './output.ts';

const options = (yargs: Argv) =>
  withGeneral(withJson(yargs)).positional('workspace', {
    type: 'string',
    default: '.',
    describe: 'Folder with a crosstag.json',
  });

export const status = defineCommand({
  usage: 'status [workspace]',
  summary: 'Documents, labels by origin, models, and what waits to be learnt',
  example: ['$0 status news', 'how far the labelling of a folder is'],
  options,
  async run({ workspace, json }, { signal }) {
    const warn = (message: string) => say(`warning: ${message}`);
    const found = await workspaceStatus(disk, resolve(workspace), warn, signal);
    if (json) await printJson(asJson(found));
    else await print(asText(found));
    return 0;
  },
});

function asJson({ task, counts, models, corrections, after, kappa, mayStop }: WorkspaceStatus) {
  const { documents, sentences, reviewed, labelled, heldOut, human, file, source } = counts;
  return {
    ...{ task, documents, sentences, reviewed, labelled, held_out: heldOut, source },
    labels: { human, file },
    models,
    waiting: { corrections, after },
    ...(kappa !== undefined && { kappa }),
    may_stop: mayStop,
  };
}

function asText({ counts, models, corrections, after, kappa, mayStop }: WorkspaceStatus): string {
  const { documents, sentences, reviewed, labelled, heldOut, human, file, source } = counts;
  const rows: [string, string][] = [
    ['documents', `${plural(documents, 'file')}, ${plural(sentences, 'sentence')}`],
    ['reviewed', plural(reviewed, 'sentence')],
    ['labelled', `${plural(labelled, 'sentence')}, ${heldOut} of them held out for measuring`],
    ['labels', `${plural(human, 'token')} decided by people, ${file.toLocaleString('en')} as the files came`],
    ['labelled files', plural(source, 'sentence')],
    ['waiting', `${plural(corrections, 'correction')} since the last model; trained again after ${after}`],
  ];
  if (kappa !== undefined) {
    rows.push([
      'agreement',
      `kappa ${kappa.toFixed(3)} of the last two models${mayStop ? ': more labels change little' : ''}`,
    ]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const ofModels = models.map(({ name, created, active, rejected, score }) => {
    const said = [
      active ? 'in use' : '',
      score === undefined ? '' : `${score.toFixed(1)} on the hold-out`,
      rejected ?? '',
    ];
    return `  ${[name, created.slice(0, 16).replace('T', ' '), ...said.filter(Boolean)].join(', ')}`;
  });
  return `${[...lines, models.length === 0 ? 'no model yet' : 'models', ...ofModels].join('\n')}\n`;
}
