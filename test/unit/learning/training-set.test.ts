// What a retraining learns, and what chooses its mixture: nothing is both.
import { describe, expect, it } from 'vitest';
import type { DocumentSentence } from '../../../server/learning/document-labels.ts';
import type { WorkspaceLabels } from '../../../server/learning/labels.ts';
import { type StartModel, trainingSet } from '../../../server/learning/training-set.ts';
import type { LabelledSentence } from '../../../server/tagger/index.ts';
import { prepareData } from '../../../server/tagger/training-data.ts';
import { contentHash } from '../../../server/text/index.ts';
import { Project } from '../../../server/workspace/project.ts';

const languages = [{ language: 'am', documents: ['texts'] }];
const plan = Project.parse(JSON.stringify({ task: 'ner', languages }), '/news').learning();

/** Different sentences, one name in each. */
const labelled = (count: number, what: string): LabelledSentence[] =>
  Array.from({ length: count }, (_, i) => ({ words: ['አበበ', what, `${i}`], tags: ['B-PER', 'O', 'O'] }));

function prepared(
  target: readonly LabelledSentence[],
  source: readonly LabelledSentence[],
  isWarm: boolean,
  dev: readonly LabelledSentence[] = [],
) {
  const placed = target.map(
    (sentence, i): DocumentSentence => ({ ...sentence, language: 'am', stretch: `text/${Math.floor(i / 25)}` }),
  );
  const labels = { task: 'ner', target: placed, source, dev } as Partial<WorkspaceLabels> as WorkspaceLabels;
  const start = { folder: '/news/1', description: { parts: 'both' } } as StartModel;
  const set = trainingSet({
    ...{ labels, taught: { target: placed, source }, plan, encoder: '/news/en-am', seed: 1 },
    start: isWarm ? start : undefined,
  });
  const { train, wide, whole, dev: chosen } = prepareData({ ...set, task: 'ner', out: '/news/2' }, undefined);
  const hashes = (sentences: readonly LabelledSentence[]) => sentences.map(({ words }) => contentHash(words));
  const [learnt, choosing] = [new Set([...hashes(train), ...hashes(wide)]), hashes(chosen)];
  const atLast = whole && new Set(hashes(whole));
  return { learnt, choosing, both: choosing.filter((hash) => learnt.has(hash)), atLast };
}

describe.each([
  ['on a model', true],
  ['from nothing', false],
] as const)('what a training %s is given', (_, isWarm) => {
  it('holds out a tenth of all labels where documents are few and there is no development data', () => {
    const { learnt, choosing, both } = prepared(labelled(150, 'መጣ'), [], isWarm);
    expect(choosing).toHaveLength(15);
    expect(learnt.size).toBe(135);
    expect(both).toEqual([]);
  });

  it('teaches the wide part what has chosen, at the end, where these are labels like the others', () => {
    for (const count of [150, 1000]) {
      const { learnt, choosing, atLast } = prepared(labelled(count, 'መጣ'), [], isWarm);
      expect(atLast).toEqual(new Set([...learnt, ...choosing]));
    }
    expect(prepared(labelled(150, 'መጣ'), [], isWarm, labelled(30, 'ሄደ')).atLast).toBeUndefined();
  });

  it('holds copies out, too, in documents and labelled files', () => {
    const [target, source] = [labelled(60, 'መጣ'), labelled(90, 'ሄደ')];
    const few = prepared([...target, ...target], [...source, ...target], isWarm);
    expect(new Set(few.choosing).size).toBe(15);
    expect(few.both).toEqual([]);
    const many = labelled(1000, 'መጣ');
    const enough = prepared([...many, ...many.slice(0, 500)], many, isWarm);
    expect(enough.choosing.length).toBeGreaterThan(20);
    expect(enough.both).toEqual([]);
  });

  it('trains on all labels where development data choose', () => {
    const { learnt, choosing } = prepared(labelled(150, 'መጣ'), [], isWarm, labelled(30, 'ሄደ'));
    expect(learnt.size).toBe(150);
    expect(choosing).toHaveLength(30);
  });

  it('learns a single sentence, and chooses by it', () => {
    expect(prepared(labelled(1, 'መጣ'), labelled(1, 'መጣ'), isWarm).both).toHaveLength(2);
  });
});

it('chooses by what is taught, and not by what people have decided alone', () => {
  const target = labelled(1000, 'መጣ').map(
    (sentence, i): DocumentSentence => ({ ...sentence, language: 'am', stretch: `text/${Math.floor(i / 25)}` }),
  );
  const labels = { task: 'ner', target, source: [], dev: [] } as Partial<WorkspaceLabels> as WorkspaceLabels;
  const taught = { target: target.map((sentence) => ({ ...sentence, tags: ['B-PER', 'O', 'B-LOC'] })), source: [] };
  const set = trainingSet({ labels, taught, plan, start: undefined, encoder: undefined, seed: 1 });
  expect(set.targetDev!.length).toBeGreaterThan(20);
  for (const { tags } of set.targetDev!) expect(tags).toEqual(['B-PER', 'O', 'B-LOC']);
});

it('a model to start from has hardly learnt what chooses when more is labelled', () => {
  const before = prepared(labelled(100, 'መጣ'), [], false);
  const after = prepared(labelled(150, 'መጣ'), [], true);
  expect(after.choosing.filter((hash) => before.learnt.has(hash)).length).toBeLessThan(4);
});
