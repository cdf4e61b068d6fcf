// Real text: a few hundred sentences of the shipped Portuguese sample.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LabelledSentence, loadTagger, trainTagger } from '../../../server/tagger/index.ts';
import { evaluate } from '../../../server/tags/index.ts';
import { parseDocument, readTextFile } from '../../../server/text/index.ts';
import { withFolder } from './fixtures.ts';

async function sample(name: string, count: number): Promise<LabelledSentence[]> {
  const document = parseDocument(await readTextFile(`samples/portuguese/${name}.iob2`), { format: 'uner' });
  return document.sentences
    .filter(({ tokens }) => tokens.length > 0)
    .slice(0, count)
    .map(({ tokens }) => ({ words: tokens.map(({ form }) => form), tags: tokens.map(({ label }) => label) }));
}

describe('the Portuguese sample', () => {
  it('is learnt by both parts, which together tag text that they have not seen', () =>
    withFolder(async (parent) => {
      const [train, dev, test] = [await sample('train', 300), await sample('dev', 150), await sample('test', 200)];
      const out = join(parent, 'model');
      const deep = { words: 32, chars: 16, charHidden: 16, hidden: 32, learningRate: 0.006, epochSteps: 60 };
      const options = { task: 'ner', parts: 'both', language: 'pt', threads: 1 } as const;
      const report = await trainTagger({ ...options, train, dev, out, deep, limits: { epochs: 3 } });
      expect(report.devOfParts.deep).toBeGreaterThan(20);
      expect(report.devOfParts.wide).toBeGreaterThan(40);
      expect(report.dev).toBeGreaterThanOrEqual(report.devOfParts.wide!);

      const tagger = await loadTagger(out, { threads: 1 });
      const tagged = await tagger.tag(test.map(({ words }) => words));
      const gold = test.map(({ tags }) => tags);
      const { f1 } = evaluate(
        gold,
        tagged.map(({ tags }) => tags),
        'ner',
      );
      expect(f1).toBeGreaterThan(45);
      await tagger.dispose();
    }));
});
