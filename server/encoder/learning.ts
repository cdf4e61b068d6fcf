// The loss of a direction as a graph, and its gradients in one go.
import { type Graph, globalNorm, gradients, type Node, type OutputGradient, type Stage } from '../tensor/index.ts';
import type { Alignment } from './alignment/linkage.ts';
import type { Stack } from './network.ts';

export const LEARN = 'learn';

/** The language-model loss of one language, and where it comes from. */
export interface LanguageTerm {
  /** [words, hidden]: the last states, and the embeddings of what they predict. */
  readonly states: Node;
  readonly targets: Node;
  /** Negatives or the whole table, and the name of this input. */
  readonly table: Node;
  readonly name: string;
  readonly loss: Node;
  readonly outputs: readonly OutputGradient[];
}

/** The loss of a direction, without its gradients. */
export interface TrainingLoss {
  readonly graph: Graph;
  readonly rows: Node;
  readonly layers: Stack;
  /** All nodes up to the last states. */
  readonly stackNodes: ReadonlySet<Node>;
  readonly models: readonly LanguageTerm[];
  readonly aligned: Aligned;
  /** Of the stack, by name. */
  readonly weights: Readonly<Record<string, Node>>;
}

/** The stages of `learn`, and the gradients of weights by name. */
export interface Learning {
  readonly stages: readonly Stage[];
  readonly ofWeights: Readonly<Record<string, Node>>;
  readonly again?: ReadonlySet<Node>;
}

/** Loss and gradients in one stage: the engine keeps what it needs of all layers at once. */
export function atOnce({ graph: g, rows, models, aligned, weights }: TrainingLoss): Learning {
  const outputs: Record<string, Node> = {};
  const outside: Record<string, Node> = { rows };
  models.forEach(({ loss, name, table }, l) => {
    outputs[`loss.${l}`] = loss;
    outside[name] = table;
  });
  Object.assign(outputs, alignmentLosses(g, aligned));
  const starts = [...models, ...aligned.terms].flatMap((term) => term.outputs);
  const names = Object.keys(weights);
  const found = gradients(g, starts, [...Object.values(weights), ...Object.values(outside)]);
  Object.keys(outside).forEach((name, i) => {
    outputs[`${name}.gradient`] = found[names.length + i]!;
  });
  const ofWeights = {
    ...Object.fromEntries(names.map((name, i) => [name, found[i]!])),
    ...aligned.weights,
  };
  outputs.norm = globalNorm(g, Object.values(ofWeights));
  return { stages: [{ name: LEARN, outputs }], ofWeights };
}

/** One term of the alignment. */
export interface AlignmentTerm extends Alignment {
  readonly name: 'linkage' | 'moments' | 'adversary';
  /** Of which layer's states, from 0; undefined: of all together. */
  readonly layer: number | undefined;
}

/** All terms, those of a name in the order of the layers. */
export interface Aligned {
  readonly terms: readonly AlignmentTerm[];
  /** Gradients of the discriminator's weights. */
  readonly weights: Readonly<Record<string, Node>>;
}

/** The sum over the layers of each term, by its name and the number of the pair of languages: `linkage.0`. */
export function alignmentLosses(g: Graph, { terms }: Aligned): Record<string, Node> {
  const losses: Record<string, Node> = {};
  for (const { name, losses: ofPairs } of terms) {
    ofPairs.forEach((loss, pair) => {
      const known = losses[`${name}.${pair}`];
      losses[`${name}.${pair}`] = known ? g.add(known, loss) : loss;
    });
  }
  return losses;
}
