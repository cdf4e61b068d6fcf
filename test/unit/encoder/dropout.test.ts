// Where a training step drops out, and that the masks are what the specification asks for (section 3).
import { describe, expect, it } from 'vitest';
import { encoderConfig } from '../../../server/encoder/config.ts';
import { trainingProgram } from '../../../server/encoder/direction.ts';
import { embeddingMask, layerMasks } from '../../../server/encoder/step-inputs.ts';
import { Buffers, Random } from '../../../server/tensor/index.ts';

const config = { ...encoderConfig('tiny', 'none', false), hidden: 16, filter: 64, heads: 2 };
const shape = { sentences: 3, time: 20 };
const SIZES = [40, 50];

const masksOf = (seed: number) => {
  const random = new Random(seed, 'dropout 1');
  const [shared, own] = [new Buffers(), new Buffers()];
  return {
    ...embeddingMask(config, shape, SIZES.length, random, shared),
    ...layerMasks(config, shape, SIZES.length, random, own),
  };
};

describe('dropout', () => {
  it('is of the embedded words, and in each layer of attention weights, both outputs and the feed-forward part', () => {
    const { graph } = trainingProgram(config, { sizes: SIZES }, 'forward', shape);
    const names = graph.nodes
      .flatMap((node) => (node.op === 'input' ? [node.attributes.name] : []))
      .filter((name) => name.startsWith('drop.'));
    const ofLayer = (layer: number) => ['attention', 'ffn', 'inner', 'weights'].map((site) => `drop.${layer}.${site}`);
    expect(names.sort()).toEqual([...ofLayer(0), ...ofLayer(1), 'drop.embedding']);
    expect(Object.keys(masksOf(1)).sort()).toEqual(names);
  });

  it('keeps the expected value, is another one in every layer, and the same for the same seed', () => {
    const [masks, again, other] = [masksOf(1), masksOf(1), masksOf(2)];
    expect(again).toEqual(masks);
    for (const [name, mask] of Object.entries(masks)) {
      const mean = (mask as Float32Array).reduce((sum, x) => sum + x, 0) / mask.length;
      expect(Math.abs(mean - 1), name).toBeLessThan(0.05);
      expect(mask, name).not.toEqual(other[name]);
    }
    const wide = [0, 1].map((layer) => masks[`drop.${layer}.inner`]!);
    expect(wide.map(({ length }) => length)).toEqual([0, 1].map(() => SIZES.length * 3 * 20 * 64));
    const same = wide[0]!.filter((x, i) => x === wide[1]![i]).length / wide[0]!.length;
    // Two masks that know nothing of each other agree where both keep or both drop.
    expect(same).toBeCloseTo(0.9 ** 2 + 0.1 ** 2, 1);
  });
});
