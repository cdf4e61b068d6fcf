// An encoder that was pre-trained: its states, and what is refused where its folder is not whole.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEncoder } from '../../../server/encoder/folder.ts';
import { loadEncoder, pretrainEncoder } from '../../../server/encoder/index.ts';
import type { Encoder } from '../../../server/encoder/types.ts';
import { chooseEngine } from '../../../server/tensor/index.ts';
import { oneLayer } from './one-layer.ts';
import { interrupt, pretrainingFolder } from './small-pretrainings.ts';

const { folder, optionsFor } = pretrainingFolder('encoder');
const pause = async () => undefined;

describe('an encoder', () => {
  let encoder: Encoder;
  beforeAll(async () => {
    await pretrainEncoder(optionsFor('encoder'));
    encoder = await loadEncoder(join(folder, 'encoder'), { engine: await chooseEngine(), threads: 1 });
  });
  afterAll(() => encoder.dispose());

  const words = (count: number, shift = 0) =>
    Array.from(
      { length: count },
      (_, i) => ['de', 'Brasil', 'à', 'ção', 'desconhecidíssimo', '.', 'José'][(i * 3 + shift) % 7]!,
    );

  it('gives a sentence the same states alone and in any batch', async () => {
    const word = fc.constantFrom('de', 'Brasil', 'à', 'ção', 'desconhecidíssimo', '.', 'José', 'ሰላም');
    const batches = fc.array(fc.array(word, { maxLength: 90 }), { minLength: 2, maxLength: 6 });
    const property = fc.asyncProperty(batches, fc.constantFrom('pt', 'wo'), async (sentences, language) => {
      const together = await encoder.states(sentences, language, pause);
      for (const [i, sentence] of sentences.entries()) {
        const [alone] = await encoder.states([sentence], language, pause);
        expect(together[i]!.length).toBe(sentence.length * 2 * encoder.layers * encoder.hidden);
        expect(alone!.reduce((most, x, k) => Math.max(most, Math.abs(x - together[i]![k]!)), 0)).toBeLessThan(1e-5);
      }
    });
    await fc.assert(property, { numRuns: 20, seed: 4 });
  });

  it('gives long sentences, which are read in windows, the same states alone and in a batch', async () => {
    const sentences = [
      words(5),
      [],
      words(1),
      words(23, 1),
      words(40, 2),
      words(9, 3),
      words(130, 4),
      words(300, 5),
      words(8),
    ];
    const together = await encoder.states(sentences, 'pt', pause);
    for (const [i, sentence] of sentences.entries()) {
      const [alone] = await encoder.states([sentence], 'pt', pause);
      expect(alone!.length).toBe(sentence.length * 2 * encoder.layers * encoder.hidden);
      expect(together[i]!.length).toBe(alone!.length);
      const worst = alone!.reduce((most, x, k) => Math.max(most, Math.abs(x - together[i]![k]!)), 0);
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it('gives each layer alone as it stands among all', async () => {
    const sentences = [words(23, 1), words(300, 5)];
    const all = await encoder.states(sentences, 'pt', pause);
    for (let layer = 0; layer < encoder.layers; layer++) {
      const alone = await encoder.states(sentences, 'pt', pause, layer);
      for (const [i, rows] of alone.entries()) {
        const expected = oneLayer(all[i]!, encoder, layer);
        expect(rows.length).toBe(expected.length);
        expect(rows.reduce((most, x, k) => Math.max(most, Math.abs(x - expected[k]!)), 0)).toBeLessThan(1e-5);
      }
    }
  });

  it('lets no state of the forward direction depend on what follows, nor of the backward on what precedes', async () => {
    const half = encoder.layers * encoder.hidden;
    const sentence = words(6);
    const [whole] = await encoder.states([sentence], 'pt', pause);
    const [start] = await encoder.states([sentence.slice(0, 3)], 'pt', pause);
    const [end] = await encoder.states([['X', ...sentence]], 'pt', pause);
    for (let k = 0; k < half; k++) expect(whole![k]).toBeCloseTo(start![k]!, 4);
    expect(end!.length).toBe(whole!.length + 2 * half);
  });

  it('lower-cases, knows its words and names the languages that it knows', async () => {
    const [upper, lower] = await encoder.states([['DE'], ['de']], 'pt', pause);
    expect(upper).toEqual(lower);
    expect(encoder.knows('De', 'pt')).toBe(true);
    expect(encoder.knows('desconhecidíssimo', 'pt')).toBe(false);
    expect(encoder.languages).toEqual(['pt', 'wo']);
    await expect(encoder.states([['a']], 'de', pause)).rejects.toThrow(
      /does not know the language de; name one of pt, wo/,
    );
  });

  it('is told from a pre-training that is not finished', async () => {
    const options = optionsFor('half');
    await interrupt(options, 2);
    await expect(readEncoder(options.out)).rejects.toThrow(
      /half: its pre-training is unfinished; run the same pretrain command again to go on, or with --finish to end/,
    );
  });

  it('is refused where its folder is damaged, foreign or newer', async () => {
    const load = async (change: (path: string) => void, name: string) => {
      await pretrainEncoder(optionsFor(name, { limits: { steps: 1 } }));
      const path = join(folder, name);
      change(path);
      return loadEncoder(path, { engine: await chooseEngine(), threads: 1 });
    };
    const edit = (path: string, change: (description: Record<string, unknown>) => void) => {
      const description = JSON.parse(readFileSync(join(path, 'encoder.json'), 'utf8'));
      change(description);
      writeFileSync(join(path, 'encoder.json'), JSON.stringify(description));
    };
    await expect(load((path) => rmSync(join(path, 'weights.safetensors')), 'a')).rejects.toThrow(/weights.*missing/);
    await expect(
      load((path) => writeFileSync(join(path, 'vocabulary.wo.txt'), '<eos>\n<unk>\nwrong\n'), 'b'),
    ).rejects.toThrow(/vocabulary\.wo\.txt.*not the one that encoder\.json describes/);
    await expect(load((path) => edit(path, (d) => Object.assign(d, { version: 99 })), 'c')).rejects.toThrow(
      /version 99/,
    );
    await expect(load((path) => edit(path, (d) => Object.assign(d, { size: 'huge' })), 'd')).rejects.toThrow(/size/);
    await expect(loadEncoder(folder, { engine: await chooseEngine(), threads: 1 })).rejects.toThrow(
      /missing; name the folder/,
    );
  });
});
