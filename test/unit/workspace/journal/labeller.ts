// A program that labels over and over, and acknowledges every line on stdout once it is on the disk. The test kills it.
import { writeSync } from 'node:fs';
import { relabel } from '../../../../server/tags/index.ts';
import { contentHash, UNDECIDED } from '../../../../server/text/index.ts';
import { Journal, replay } from '../../../../server/workspace/journal/index.ts';
import { corpus, LABELS, mulberry } from './corpus.ts';

const [folder, annotator, seed] = process.argv.slice(2) as [string, string, string];
const random = mulberry(Number(seed));
const pick = (n: number) => Math.floor(random() * n);

const journal = new Journal(folder, { problem: ({ message }) => process.stderr.write(`${message}\n`) });
await journal.refresh();
const documents = corpus();
replay(documents, journal.entries());
const files = [...documents.keys()];
const seen = new Map<string, number>();
const addresses = files.flatMap((file) =>
  documents.get(file)!.sentences.flatMap(({ tokens }, index) => {
    if (tokens.length === 0) return [];
    const sentence = contentHash(tokens.map(({ form }) => form));
    const key = `${file} ${sentence}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return [{ file, index, sentence, nth }];
  }),
);

for (;;) {
  const { file, index, sentence, nth } = addresses[pick(addresses.length)]!;
  const document = documents.get(file)!;
  const tags = document.sentences[index]!.tokens.map(({ label }) => label);
  const start = pick(tags.length);
  const end = start + 1 + pick(tags.length - start);
  const after = relabel(tags, start, end, LABELS[pick(LABELS.length)], 'bio');
  const written = (of: readonly (string | undefined)[]) => of.map((tag) => tag ?? UNDECIDED);
  const labels = { start: 0, before: written(tags), after: written(after) };
  const [entry] = await journal.append(annotator, [{ action: 'label', file, sentence, nth, ...labels }]);
  writeSync(1, `${JSON.stringify(entry)}\n`);
  document.edit(document.setLabels(index, 0, after));
}
