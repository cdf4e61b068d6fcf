// The programs of the deep part, one for every bucket of lengths, for training and for tagging.
import { adam, Graph, gradients, type Node, type Program, type Stage } from '../../tensor/index.ts';
import { ADAM } from './adam.ts';
import { buildCharacters, type CharacterSizes, characterShapes } from './characters.ts';
import { buildNetwork, type NetworkSizes, networkShapes } from './network.ts';

/** Lengths of sentences and of words that programs are built for; longer ones are cut. */
export const SENTENCE_LENGTHS = [8, 16, 24, 32, 40, 48, 64, 80, 96, 128] as const;
export const WORD_LENGTHS = [4, 6, 8, 10, 12, 16, 20, 24, 32, 40] as const;

/** Words that the character program spells in one go. */
export const FORMS = 128;

/** The smallest bucket that holds `length`, or the largest of all. */
export function bucketOf(length: number, buckets: readonly number[]): number {
  return buckets.find((bucket) => bucket >= length) ?? buckets.at(-1)!;
}

/** Sentences that are tagged in one go: few for what a person looks at, many for a whole file. */
export const TAGGING_BATCHES = [4, 32] as const;

export const taggingProgram = (time: number, batch: number) => `tag sentences ${time}x${batch}`;
export const spellingProgram = (time: number) => `spell words of ${time}`;
export const sentenceProgram = (time: number) => `train sentences of ${time}`;
/** The values that a stage leaves for the next are kept by program: chunks of one step need one program each. */
export const characterProgram = (time: number, slot: number) => `train words of ${time} #${slot}`;
export const CHARACTER_ADAM = 'update characters';

/** One stage, `forward`. Sentences: `emissions` [time, batch, tags]; words: `states` [FORMS, 2 * hidden]. */
export function taggingPrograms(sizes: NetworkSizes, characters: CharacterSizes): Record<string, () => Program> {
  const programs: Record<string, () => Program> = {};
  for (const time of SENTENCE_LENGTHS) {
    for (const batch of TAGGING_BATCHES) {
      programs[taggingProgram(time, batch)] = () => {
        const { graph, emissions } = buildNetwork(sizes, time, batch, false);
        return { graph, stages: [{ name: 'forward', outputs: { emissions } }] };
      };
    }
  }
  for (const time of WORD_LENGTHS) {
    programs[spellingProgram(time)] = () => {
      const { graph, states } = buildCharacters(characters, time, FORMS);
      return { graph, stages: [{ name: 'forward', outputs: { states } }] };
    };
  }
  return programs;
}

/**
 * Training: `forward` as in tagging, then `backward`. Sentences take the `gradient` of the emissions, give that of
 * `features` and update their weights; characters take the `gradient` of the states and give those of their weights,
 * because a step has several chunks of words; `CHARACTER_ADAM` takes the sums (inputs named after the weights).
 */
export function trainingPrograms(
  sizes: NetworkSizes,
  characters: CharacterSizes,
  { batch, slots, clipNorm }: { batch: number; slots: number; clipNorm: number },
): Record<string, () => Program> {
  const options = { beta1: ADAM.beta1, beta2: ADAM.beta2, clipNorm };
  const programs: Record<string, () => Program> = {};
  for (const time of SENTENCE_LENGTHS) {
    programs[sentenceProgram(time)] = () => {
      const { graph, emissions } = buildNetwork(sizes, time, batch, true);
      const weights = Object.entries(networkShapes(sizes)).map(([name, shape]) => graph.state(name, shape));
      const features = graph.input('features', [time, batch, sizes.gathered]);
      const [dFeatures, ...dWeights] = backwards(graph, emissions, [features, ...weights]);
      const named = Object.fromEntries(Object.keys(networkShapes(sizes)).map((name, i) => [name, dWeights[i]!]));
      const backward: Stage = {
        name: 'backward',
        outputs: { features: dFeatures! },
        updates: adam(graph, named, options),
      };
      return { graph, stages: [{ name: 'forward', outputs: { emissions } }, backward] };
    };
  }
  const shapes = characterShapes(characters);
  for (const time of WORD_LENGTHS) {
    for (let slot = 0; slot < slots; slot++) {
      programs[characterProgram(time, slot)] = () => {
        const { graph, states } = buildCharacters(characters, time, FORMS);
        const weights = Object.entries(shapes).map(([name, shape]) => graph.state(name, shape));
        const dWeights = backwards(graph, states, weights);
        const outputs = Object.fromEntries(Object.keys(shapes).map((name, i) => [name, dWeights[i]!]));
        return {
          graph,
          stages: [
            { name: 'forward', outputs: { states } },
            { name: 'backward', outputs },
          ],
        };
      };
    }
  }
  programs[CHARACTER_ADAM] = () => characterAdam(characters, options);
  return programs;
}

function backwards(graph: Graph, node: Node, targets: readonly Node[]): Node[] {
  return gradients(graph, [{ node, gradient: graph.input('gradient', node.shape) }], targets);
}

function characterAdam(sizes: CharacterSizes, options: Parameters<typeof adam>[2]): Program {
  const graph = new Graph();
  const shapes = Object.entries(characterShapes(sizes));
  const sums = Object.fromEntries(shapes.map(([name, shape]) => [name, graph.input(name, shape)]));
  return { graph, stages: [{ name: 'update', outputs: {}, updates: adam(graph, sums, options) }] };
}
