// The model process learns corrections and measures sentences: real requests to a real process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { Supervisor } from '../../server/supervisor.ts';
import { trainTagger } from '../../server/tagger/index.ts';
import {
  ADAPTATION_LOST,
  AdaptModel,
  type AdaptParams,
  MeasureSentences,
  TagSentences,
} from '../../server/trainer-protocol.ts';
import type { ModelReference } from '../../server/workspace/models.ts';
import { Suggestion } from '../../server/workspace/suggestion.ts';
import { sentences } from '../unit/tagger/fixtures.ts';
import { bundle } from './client.ts';

const LABELLED = sentences(40, 3);
const CORRECTION = { words: ['አበበ', 'ዛሬ', 'left', 'rio', '😀'], tags: ['B-PER', 'B-DATE', 'O', 'B-LOC', 'O'] };

let folder: string;
let process_: Supervisor;
let model: ModelReference;
const log: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-adaptation-'));
  model = { folder: join(folder, 'ner'), created: '', engine: 'cpu', threads: 1 };
  await trainTagger({ task: 'ner', train: LABELLED, parts: 'wide', out: model.folder, threads: 1 });
  const write = (message: string) => log.push(message);
  process_ = new Supervisor({
    ...{ program: join(dirname(bundle()), 'trainer.cjs'), name: 'tagging', priority: 0 },
    log: { info: write, warn: write, error: write },
    clock: {
      now: () => 0,
      after(_, callback) {
        setImmediate(callback);
        return () => undefined;
      },
    },
    died: write,
  });
});
afterAll(async () => {
  process_.kill();
  await rm(folder, { recursive: true });
});

const adapt = (params: Partial<AdaptParams> = {}) =>
  process_.request((c) =>
    c.sendRequest(AdaptModel, { model, task: 'ner', sentences: [CORRECTION], language: '', ...params }),
  );

async function tagsBy(adaptation: number | undefined, base: AdaptParams['model'], tags: readonly string[]) {
  const params = {
    model: base,
    sentences: [CORRECTION.words],
    language: '',
    ...(adaptation !== undefined && { adaptation }),
  };
  const [packed] = await process_.request((c) => c.sendRequest(TagSentences, params));
  const suggestion = new Suggestion(packed!, tags.length);
  return CORRECTION.words.map((_, t) => tags[suggestion.tag(t)]);
}

describe('the model process', () => {
  it('learns a correction with a new label, and suggestions by that version know it', async () => {
    const adapted = await adapt();
    expect(adapted.tags).toEqual([...adapted.tags.slice(0, -2), 'B-DATE', 'I-DATE']);
    expect(adapted.seconds).toBeLessThan(60);
    expect(await tagsBy(adapted.adaptation, model, adapted.tags)).toEqual(CORRECTION.tags);
    // Without the version, the model answers as it is.
    expect(await tagsBy(undefined, model, adapted.tags.slice(0, -2))).not.toEqual(CORRECTION.tags);
  });

  it('gives every adaptation a version of its own and keeps the one before for requests on their way', async () => {
    const [first, second] = [await adapt(), await adapt()];
    expect(second.adaptation).toBeGreaterThan(first.adaptation);
    expect(await tagsBy(first.adaptation, model, first.tags)).toEqual(CORRECTION.tags);
    await adapt();
    await expect(tagsBy(first.adaptation, model, first.tags)).rejects.toMatchObject({ code: ADAPTATION_LOST });
    await expect(tagsBy(undefined, undefined, first.tags)).rejects.toMatchObject({ code: ADAPTATION_LOST });
  });

  it('learns without a model', async () => {
    const { adaptation, tags, scheme } = await adapt({ model: undefined });
    expect({ tags, scheme }).toEqual({
      tags: ['O', 'B-DATE', 'I-DATE', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER'],
      scheme: 'bio',
    });
    expect(await tagsBy(adaptation, undefined, tags)).toEqual(CORRECTION.tags);
  });

  it('measures sentences, typed arrays and all', async () => {
    const { adaptation } = await adapt();
    const params = { model, adaptation, sentences: [CORRECTION.words, LABELLED[0]!.words], language: '' };
    const [first, second] = await process_.request((c) => c.sendRequest(MeasureSentences, params));
    expect(first!.tags).toEqual(CORRECTION.tags);
    expect(first!.entropies).toHaveLength(5);
    expect(first!.spans.map(({ label }) => label)).toEqual(['PER', 'DATE', 'LOC']);
    expect(second!.tags).toEqual(LABELLED[0]!.tags);
    expect(second!.logProbability).toBeLessThan(0);
  });

  it('stops learning when it is cancelled, and says what is wrong with a tag', async () => {
    const source = new CancellationTokenSource();
    const params = { model, task: 'ner' as const, sentences: sentences(3000, 5), language: '', seconds: 60 };
    const learning = process_.request((c) => c.sendRequest(AdaptModel, params, source.token));
    setTimeout(() => source.cancel(), 50);
    await expect(learning).rejects.toThrow('cancelled');
    await expect(adapt({ sentences: [{ words: ['Zoë'], tags: ['E-PER'] }] })).rejects.toThrow(/E-PER is not among/);
  });
});
