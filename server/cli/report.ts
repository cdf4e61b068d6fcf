// `crosstag report`: a pre-training run as one HTML page that needs no network.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { reportPage } from '../features/encoder-report.ts';
import { lastPerplexity, readPretrainingRun } from '../features/pretraining-run.ts';
import { defineCommand, fromYargs, withJson } from './command.ts';
import { printJson, say, writeOutput } from './output.ts';

function options(yargs: Argv) {
  return withJson(yargs)
    .positional('encoder', {
      type: 'string',
      demandOption: true,
      describe: 'Folder of the encoder, finished or being trained',
    })
    .option('out', { type: 'string', describe: 'File of the page, `-` for stdout (default: ENCODER.html)' })
    .check((args) => {
      const { json, out } = fromYargs(args);
      if (json && out === '-') throw new Error('--json and --out - cannot both write to stdout');
      return true;
    });
}

export const report = defineCommand({
  usage: 'report <encoder>',
  summary: 'Show the curves of a pre-training run as an HTML page',
  example: ['$0 report encoders/pt-wo --out pt-wo.html', 'perplexity and alignment over the words seen'],
  options,
  async run({ encoder, out, json }) {
    const run = await readPretrainingRun(encoder);
    const target = out ?? `${resolve(encoder)}.html`;
    await writeOutput(
      target,
      reportPage(run, { script: await bundled('report.js'), style: await bundled('report.css') }),
    );
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
