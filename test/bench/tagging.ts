// How many words a second a model tags, from words to tags with the probability of every tag of every token.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTagger, trainTagger } from '../../server/tagger/index.ts';
import { corpora, countWords, sample } from './corpora.ts';
import type { Bench } from './main.ts';
import { minimum, number, printTable } from './report.ts';

/** Speed does not depend on how good a model is: few sentences and one epoch will do. */
const TRAIN = 1000;

export const taggingSpeed: Bench = {
  name: 'tagging-speed',
  about: 'words/s of wide and of wide and deep, with and without marginals',
  async run({ rounds, threads }) {
    const [corpus] = await corpora('uner-pt');
    const words = corpus!.test.map((sentence) => sentence.words);
    const total = countWords(corpus!.test);
    const rows: string[][] = [];
    for (const parts of ['wide', 'both'] as const) {
      const out = mkdtempSync(join(tmpdir(), 'crosstag-bench-'));
      try {
        const train = sample(corpus!.train, TRAIN, 1);
        await trainTagger({ task: 'ner', train, dev: corpus!.dev, parts, out, threads, limits: { epochs: 1 } });
        const tagger = await loadTagger(out, { threads });
        for (const marginals of [false, true]) {
          // The first pass builds sessions and spells every word; later ones remember the words.
          const seconds: number[] = [];
          for (let round = 0; round <= rounds; round++) {
            const start = performance.now();
            await tagger.tag(words, { marginals });
            seconds.push((performance.now() - start) / 1000);
          }
          const [first, ...later] = seconds;
          rows.push([
            parts === 'both' ? 'wide and deep' : parts,
            marginals ? 'yes' : 'no',
            number(total / first!, 0),
            number(total / minimum(later), 0),
          ]);
        }
        await tagger.dispose();
      } finally {
        rmSync(out, { recursive: true, force: true });
      }
    }
    const title = `tagging-speed: ${corpus!.name}, ${total} words, ${threads} threads`;
    printTable(title, ['parts', 'marginals', 'words/s, first pass', 'words/s, best of the later'], rows);
  },
};
