// The quick learner over real stdio: from a sentence that is marked as reviewed to suggestions that know it, with a thousand
// reviewed sentences behind it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelsResult } from '../../server/protocol.ts';
import { type LabelledSentence, trainTagger } from '../../server/tagger/index.ts';
import { spansOf } from '../../server/tags/index.ts';
import { lines } from '../lsp/client.ts';
import { Editor } from '../lsp/editor.ts';
import { asColumns, corpora, unlabelled } from './corpora.ts';
import type { Bench, BenchOptions } from './main.ts';
import { printQuantiles } from './report.ts';

/** Sentences that were reviewed before, corrections that are measured, and sentences that they are looked for in. */
const REVIEWED = 1000;
const CORRECTIONS = 12;
const CANDIDATES = 300;
/** Milliseconds that a correction may take before it counts as not learnt. */
const PATIENCE = 15_000;

export const quickLearner: Bench = {
  name: 'learner',
  about: 'from a reviewed sentence to suggestions that know it, with 1,000 reviewed sentences behind it',
  async run({ threads }: BenchOptions): Promise<void> {
    const [corpus] = await corpora('uner-pt');
    const folder = await mkdtemp(join(tmpdir(), 'crosstag-bench-'));
    try {
      const out = join(folder, '.crosstag', 'models', 'ner', '1');
      const train = corpus!.train.slice(0, 2000);
      await trainTagger({ task: 'ner', train, dev: corpus!.dev, parts: 'wide', out, threads });
      const reviewed = corpus!.train.slice(-REVIEWED);
      const asked = corpus!.test.filter(({ tags }) => tags.some((tag) => tag !== 'O')).slice(0, CANDIDATES);
      await mkdir(join(folder, 'texts'));
      await writeFile(join(folder, 'texts', 'reviewed.conll'), asColumns(reviewed));
      // Each sentence twice: what is decided in the first is suggested in the second.
      await writeFile(join(folder, 'texts', 'first.conll'), unlabelled(asked, asked.length));
      await writeFile(join(folder, 'texts', 'second.conll'), unlabelled(asked, asked.length));
      const languages = [{ language: 'pt', documents: ['texts'] }];
      const project = { task: 'ner', languages, learning: { holdout: 0, corrections: 1_000_000, minutes: 1_000_000 } };
      await writeFile(join(folder, 'crosstag.json'), JSON.stringify(project));
      const editor = await Editor.start({ folder, configuration: { threads } });
      try {
        await measure(editor, reviewed, asked);
      } finally {
        await editor.client.stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function measure(editor: Editor, reviewed: readonly LabelledSentence[], asked: readonly LabelledSentence[]) {
  const behind = await editor.open('texts/reviewed.conll');
  for (const row of firstRows(reviewed)) {
    await editor.label('review', { uri: behind, range: lines(row, row), reviewed: true });
  }
  const first = await editor.open('texts/first.conll');
  const second = await editor.open('texts/second.conll');
  const times: number[] = [];
  let wrong = 0;
  for (const [i, row] of firstRows(asked).entries()) {
    const { words, tags } = asked[i]!;
    const last = row + words.length - 1;
    const gold = spansOf(tags).map(({ start, end, label }) => `${label} ${row + start} ${row + end - 1}`);
    const knows = ({ labels }: LabelsResult) =>
      labels.map(({ label, range }) => `${label} ${range.start.line} ${range.end.line}`).join() === gold.join();
    if (knows(await editor.client.labelsWhen(second, row, last, () => true))) continue;
    for (const { start, end, label } of spansOf(tags)) {
      await editor.label('relabel', { uri: first, range: lines(row + start, row + end - 1), label });
    }
    await editor.label('review', { uri: first, range: lines(row, row), reviewed: true });
    const started = performance.now();
    const isKnown = editor.client.labelsWhen(second, row, last, knows).then(() => true);
    const isLate = new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, false));
    if (await Promise.race([isKnown, isLate])) times.push(performance.now() - started);
    if (++wrong === CORRECTIONS) break;
  }
  console.log(
    `\nquick learner over stdio, ${reviewed.length} reviewed sentences behind it, ms (p50 / p95), wide model`,
  );
  if (times.length > 0) printQuantiles('a reviewed sentence, until suggestions know it', times);
  console.log(`  ${times.length} of ${wrong} corrections were known`);
}

/** The rows in which sentences begin, in a file of columns. */
function firstRows(sentences: readonly LabelledSentence[]): number[] {
  let row = 0;
  return sentences.map(({ words }) => {
    const start = row;
    row += words.length + 1;
    return start;
  });
}
