// The language-model loss of one language and direction, with its gradient for the logits written out (spec section 4):
// the softmax is computed once and serves both.
import type { Graph, Node, OutputGradient } from '../tensor/index.ts';

export interface LanguageModelLoss {
  /** Cross-entropy of every word: [words], 0 at padding. */
  readonly perWord: Node;
  /** Where the backward pass begins: the gradients of sum(perWord * weight). */
  readonly outputs: readonly OutputGradient[];
}

interface Inputs {
  /** [words, hidden]: the last states of the direction. */
  readonly states: Node;
  /** [words, hidden]: the embedding of each word's target. */
  readonly targets: Node;
  /** [words]: 1 at real words, else 0. */
  readonly mask: Node;
  /** [words]: what each word counts in the loss; 0 at padding. */
  readonly weight: Node;
}

/**
 * Sampled softmax over negatives that serve all words, and each word's own target.
 * @param negatives [samples, hidden]
 * @param correction [samples]: minus the logarithm of each one's expected count
 * @param own [words]: the same for the target
 * @param hit [words]: a large negative number where the target is among the negatives, else 0. The accidental hit then
 * stands for the target: removing it and adding the target gives the same sum, for both have the same logit.
 */
export function sampledSoftmax(
  g: Graph,
  { states, targets, mask, weight }: Inputs,
  negatives: Node,
  correction: Node,
  own: Node,
  hit: Node,
): LanguageModelLoss {
  const words = states.shape[0]!;
  const target = g.add(g.sum(g.mul(states, targets), [1]), own);
  const column = g.add(target, hit);
  const others = g.add(g.matMul(states, negatives, { transposeB: true }), correction);
  // The column joins the softmax by what it adds to the normaliser: to put it beside the others would copy them all, twice
  const { probabilities, logSum: ofOthers } = softmaxOf(g, others);
  const top = g.maximum(ofOthers, column);
  const logSum = g.add(top, g.log(g.add(g.exp(g.sub(ofOthers, top)), g.exp(g.sub(column, top)))));
  const share = g.mul(g.exp(g.sub(ofOthers, logSum)), weight);
  return {
    perWord: g.mul(g.sub(logSum, target), mask),
    outputs: [
      { node: others, gradient: g.mul(probabilities, g.reshape(share, [words, 1])) },
      { node: target, gradient: g.sub(g.mul(g.exp(g.sub(column, logSum)), weight), weight) },
    ],
  };
}

/**
 * Softmax over a whole table [vocabulary, hidden], with label smoothing: `confidence` on the target, the rest shared by all
 * other words (1: none, as in evaluation).
 */
export function fullSoftmax(
  g: Graph,
  { states, targets, mask, weight }: Inputs,
  table: Node,
  confidence: number,
): LanguageModelLoss {
  const words = states.shape[0]!;
  const share = (1 - confidence) / (table.shape[0]! - 1);
  const target = g.sum(g.mul(states, targets), [1]);
  const logits = g.matMul(states, table, { transposeB: true });
  const { probabilities, logSum } = softmaxOf(g, logits);
  const expected = g.add(g.mul(target, confidence - share), g.mul(g.sum(logits, [1]), share));
  const rows = g.reshape(weight, [words, 1]);
  return {
    perWord: g.mul(g.sub(logSum, expected), mask),
    outputs: [
      { node: logits, gradient: g.mul(g.sub(probabilities, share), rows) },
      { node: target, gradient: g.mul(weight, share - confidence) },
    ],
  };
}

/** Softmax over the last axis, and the logarithm of its normaliser [words]; the largest probability is never 0. */
function softmaxOf(g: Graph, logits: Node): { probabilities: Node; logSum: Node } {
  const probabilities = g.softmax(logits);
  return { probabilities, logSum: g.sub(g.max(logits, [1]), g.log(g.max(probabilities, [1]))) };
}
