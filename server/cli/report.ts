// `crosstag report`: a pre-training run, or the dashboard of a workspace folder, as one HTML page that needs no network.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { reportPage } from '../features/encoder-report.ts';
import { lastPerplexity, readPretrainingRun } from '../features/pretraining-run.ts';
import { disk } from '../workspace/disk.ts';
import { PROJECT_FILE } from '../workspace/project.ts';
import { defineCommand, fromYargs, withGeneral, withJson } from './command.ts';
import { printJson, say, writeOutput } from './output.ts';
import { reportDashboard } from './report-dashboard.ts';

function options(yargs: Argv) {
  return withGeneral(withJson(yargs))
    .positional('folder', {
      type: 'string',
      demandOption: true,
      describe: 'Folder of an encoder, finished or being trained, or one with a crosstag.json',
    })
    .option('out', {
      type: 'string',
      describe: 'File of the page, `-` for stdout (default: ENCODER.html, or dashboard.html in the folder)',
    })
    .check((args) => {
      const { json, out } = fromYargs(args);
      if (json && out === '-') throw new Error('--json and --out - cannot both write to stdout');
      return true;
    });
}

export const report = defineCommand({
  usage: 'report <folder>',
  summary: 'Show the curves of a pre-training run, or of labelling and learning, as an HTML page',
  example: ['$0 report encoders/pt-wo --out pt-wo.html', 'perplexity and alignment over the words seen'],
  options,
  async run({ folder, out, json }, { signal }) {
    const files = { script: await bundled('report.js'), style: await bundled('report.css') };
    if (await disk.exists(join(folder, PROJECT_FILE))) {
      await reportDashboard(folder, { out, json: json === true, ...files }, signal);
      return 0;
    }
    const run = await readPretrainingRun(folder);
    const target = out ?? `${resolve(folder)}.html`;
    await writeOutput(target, reportPage(run, files));
    if (target !== '-') say(`${target}: the report of ${run.name}, ${run.finished ? 'finished' : 'not finished'}`);
    const { step, words, seconds, alignment } = run.lines.at(-1)!;
    const perplexity = lastPerplexity(run) ?? {};
    if (json)
      await printJson({ report: target, finished: run.finished, steps: step, words, seconds, perplexity, alignment });
    return 0;
  },
});

/** Script and style lie beside the command line's own program. */
function bundled(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}
