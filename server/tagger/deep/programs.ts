// The programs of the deep part, one for every bucket of lengths, for training and for tagging.
import { adam, Graph, gradients, type Node, type Program, type Shape } from '../../tensor/index.ts';
import { ADAM } from './adam.ts';
import { buildCharacters, type CharacterSizes, characterShapes } from './characters.ts';
import { buildNetwork, type NetworkSizes, networkShapes } from './network.ts';

/** Lengths of sentences and of words that programs are built for; longer sentences are read in windows, longer words are cut. */
export const SENTENCE_LENGTHS = [8, 16, 24, 32, 40, 48, 64, 80, 96, 128] as const;
export const WORD_LENGTHS = [4, 6, 8, 10, 12, 16, 20, 24, 32, 40] as const;

/** Words that the character program spells in one go: with 128 half of what it computed was padding, and a step took a tenth longer. */
export const FORMS = 64;

/** The smallest bucket that holds `length`, or the largest of all. */
export function bucketOf(length: number, buckets: readonly number[]): number {
  return buckets.find((bucket) => bucket >= length) ?? buckets.at(-1)!;
}

/** Sentences that are tagged in one go: few for what a person looks at, many for a whole file. */
export const TAGGING_BATCHES = [4, 32] as const;

export const taggingProgram = (time: number, batch: number) => `tag sentences ${time}x${batch}`;
export const spellingProgram = (time: number) => `spell words of ${time}`;
export const forwardProgram = (time: number) => `try sentences of ${time}`;
export const sentenceProgram = (time: number) => `learn sentences of ${time}`;
export const characterProgram = (time: number) => `learn words of ${time}`;
export const CHARACTER_ADAM = 'update characters';
/** Every program is one stage of this name. */
export const STAGE = 'run';

/** Sentences: `emissions` [time, batch, tags]; words: `states` [FORMS, 2 * hidden]. */
export function taggingPrograms(
  sizes: NetworkSizes,
  characters: CharacterSizes | undefined,
): Record<string, () => Program> {
  const programs: Record<string, () => Program> = {};
  for (const time of SENTENCE_LENGTHS) {
    for (const batch of TAGGING_BATCHES) {
      programs[taggingProgram(time, batch)] = () => {
        const { graph, emissions } = buildNetwork(sizes, time, batch, false);
        return program(graph, { emissions });
      };
    }
  }
  if (characters) {
    for (const time of WORD_LENGTHS) {
      programs[spellingProgram(time)] = () => {
        const { graph, states } = buildCharacters(characters, time, FORMS);
        return program(graph, { states });
      };
    }
  }
  return programs;
}

/**
 * Training, beside the spelling of `taggingPrograms`: emissions with dropout; then, given their `gradient`, that of
 * `features` and the update of the network. Given the `gradient` of the states of some words, those of the character
 * weights; `CHARACTER_ADAM` takes their sums over all words (inputs named after the weights).
 *
 * The programs that learn compute the states once more instead of taking them over from those that went before:
 * onnxruntime-node copies every output into new memory, and the garbage collector pays for that. In training on CoNLL-2002
 * a step took half the CPU time so (92 ms instead of 178, one thread of a busy machine).
 */
export function trainingPrograms(
  sizes: NetworkSizes,
  characters: CharacterSizes | undefined,
  { batch, clipNorm }: { batch: number; clipNorm: number },
): Record<string, () => Program> {
  const options = { beta1: ADAM.beta1, beta2: ADAM.beta2, clipNorm };
  const programs: Record<string, () => Program> = {};
  for (const time of SENTENCE_LENGTHS) {
    programs[forwardProgram(time)] = () => {
      const { graph, emissions } = buildNetwork(sizes, time, batch, true);
      return program(graph, { emissions });
    };
    programs[sentenceProgram(time)] = () => {
      const { graph, emissions } = buildNetwork(sizes, time, batch, true);
      const inputs: Nodes =
        sizes.gathered > 0 ? { features: graph.input('features', [time, batch, sizes.gathered]) } : {};
      const { features: dFeatures, ...dWeights } = backwards(graph, emissions, networkShapes(sizes), inputs);
      return program(graph, dFeatures ? { features: dFeatures } : {}, adam(graph, dWeights, options));
    };
  }
  if (!characters) return programs;
  const shapes = characterShapes(characters);
  for (const time of WORD_LENGTHS) {
    programs[characterProgram(time)] = () => {
      const { graph, states } = buildCharacters(characters, time, FORMS);
      return program(graph, backwards(graph, states, shapes));
    };
  }
  programs[CHARACTER_ADAM] = () => {
    const graph = new Graph();
    const sums = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]));
    return program(graph, {}, adam(graph, sums, options));
  };
  return programs;
}

type Nodes = Record<string, Node>;

function program(graph: Graph, outputs: Nodes, updates: Nodes = {}): Program {
  return { graph, stages: [{ name: STAGE, outputs, updates }] };
}

/** Gradients of weights and inputs, by name, given the one of `output` as the input `gradient`. */
function backwards(graph: Graph, output: Node, shapes: Readonly<Record<string, Shape>>, inputs: Nodes = {}): Nodes {
  const weights = Object.entries(shapes).map(([name, shape]) => [name, graph.state(name, shape)] as const);
  const targets: Nodes = { ...Object.fromEntries(weights), ...inputs };
  const gradient = graph.input('gradient', output.shape);
  const found = gradients(graph, [{ node: output, gradient }], Object.values(targets));
  return Object.fromEntries(Object.keys(targets).map((name, i) => [name, found[i]!]));
}
