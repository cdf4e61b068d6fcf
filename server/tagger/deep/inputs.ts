// What a token brings into the sentence network: the one place where another kind of input is added.
import type { Graph, Node, Shape } from '../../tensor/index.ts';
import { layerOf, type Mixing, mixedWidth, mixingShapes, mixLayers } from './mixing.ts';

/** States of a frozen bidirectional encoder, `layers` of them with `hidden` channels a direction. */
export interface EncoderInput {
  readonly layers: number;
  readonly hidden: number;
  readonly mixing: Mixing;
}

export interface InputSizes {
  /** Width of what is gathered outside of the graph: embedding and given vector of the word, states of its characters. */
  readonly gathered: number;
  readonly encoder?: EncoderInput;
}

/**
 * What the graph is fed with: of the mixing `layer` only that layer, so that nobody pays for the others.
 */
export function fedInput({ layers, hidden, mixing }: EncoderInput): EncoderInput {
  return layerOf(mixing) === undefined ? { layers, hidden, mixing } : { layers: 1, hidden, mixing: { layer: 0 } };
}

/** Channels of a token. */
export function inputWidth({ gathered, encoder }: InputSizes): number {
  return gathered + (encoder ? mixedWidth(encoder) : 0);
}

/** Channels of an encoder's states. */
export function stateWidth({ layers, hidden }: EncoderInput): number {
  return 2 * layers * hidden;
}

/** Weights that the inputs need inside the graph. */
export function inputShapes({ encoder }: InputSizes): Record<string, Shape> {
  return encoder ? mixingShapes(encoder) : {};
}

/**
 * Encoder features (if there are any), then what was gathered outside: [time, batch, inputWidth].
 * Inputs of the graph: `features` [time, batch, gathered] unless that is 0 wide and, with an encoder, `states` [time,
 * batch, 2 * layers * hidden].
 */
export function buildInputs(graph: Graph, sizes: InputSizes, time: number, batch: number): Node {
  const parts: Node[] = [];
  if (sizes.encoder) {
    const states = graph.input('states', [time, batch, stateWidth(sizes.encoder)]);
    parts.push(mixLayers(graph, states, sizes.encoder));
  }
  if (sizes.gathered > 0) parts.push(graph.input('features', [time, batch, sizes.gathered]));
  return parts.length === 1 ? parts[0]! : graph.concat(parts, -1);
}
