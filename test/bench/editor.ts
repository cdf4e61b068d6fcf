// From a key to the label on the screen, in a real VS Code (test/vscode): browser, extension host and server on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainTagger } from '../../server/tagger/index.ts';
import { asColumns, corpora, unlabelled } from './corpora.ts';
import type { Bench, BenchOptions } from './main.ts';
import { printQuantiles } from './report.ts';

/** Keys that are pressed in each case, and sentences of the file and of the pool. */
const KEYS = 60;
const FILE = 300;
const POOL = 2000;

const CASES = {
  file: 'a label in a file',
  review: 'a label in the review view',
  fileBeside: 'a label in a file, beside a training',
  reviewBeside: 'a label in the review view, beside a training',
};

export const editorLatency: Bench = {
  name: 'editor',
  about:
    'a real VS Code: from a key to its label on the screen, in a file and in the review view, while a training runs',
  unfit: () => (existsSync('out/vscode') ? undefined : 'it needs what npm run test:vscode installs; run that first'),
  async run({ threads }: BenchOptions): Promise<void> {
    const [corpus] = await corpora('uner-pt');
    const train = corpus!.train.slice(0, 2000);
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'crosstag-bench-')));
    try {
      const out = join(folder, '.crosstag', 'models', 'ner', '1');
      await trainTagger({ task: 'ner', train, dev: corpus!.dev, parts: 'wide', out, threads });
      await mkdir(join(folder, 'texts'));
      await writeFile(join(folder, 'texts', 'pool.conll'), unlabelled(corpus!.test, POOL));
      // With a suggestion on the first screen: it tells that the model is at work.
      const named = corpus!.dev.filter(({ tags }) => tags.some((tag) => tag !== 'O'));
      await writeFile(join(folder, 'file.conll'), unlabelled(named, FILE));
      await writeFile(join(folder, 'train.conll'), asColumns(corpus!.train));
      const languages = [{ language: 'pt', documents: ['texts'] }];
      await writeFile(join(folder, 'crosstag.json'), JSON.stringify({ task: 'ner', languages }));
      const { status, stdout } = spawnSync(process.execPath, ['test/vscode/key-latency.mjs', folder, String(KEYS)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error('the editor could not be measured; its log is out/vscode/key-latency.log');
      const times = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<keyof typeof CASES, number[]>;
      console.log('\nfrom a key to its label on the screen of VS Code, ms (p50 / p95), wide model');
      for (const [name, what] of Object.entries(CASES)) printQuantiles(what, times[name as keyof typeof CASES]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
