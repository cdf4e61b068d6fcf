// What a token brings into the sentence network: the one place where another kind of input is added.
import type { Graph, Node, Shape } from '../../tensor/index.ts';
import { type Mixing, mixedWidth, mixingShapes, mixLayers } from './mixing.ts';

/** States of a frozen bidirectional encoder, `layers` of them with `hidden` channels a direction. */
export interface EncoderInput {
  readonly layers: number;
  readonly hidden: number;
  readonly mixing: Mixing;
}

export interface InputSizes {
  /** Width of what is gathered outside of the graph: the word's embedding, then the states of its characters. */
  readonly gathered: number;
  readonly encoder?: EncoderInput;
}

/** Channels of a token. */
export function inputWidth({ gathered, encoder }: InputSizes): number {
  return gathered + (encoder ? mixedWidth(encoder) : 0);
}

/** Weights that the inputs need inside the graph. */
export function inputShapes({ encoder }: InputSizes): Record<string, Shape> {
  return encoder ? mixingShapes(encoder) : {};
}

/**
 * Encoder features (if there are any), then what was gathered outside: [time, batch, inputWidth].
 * Inputs of the graph: `features` [time, batch, gathered] and, with an encoder, `states` [time, batch, 2 * layers * hidden].
 */
export function buildInputs(graph: Graph, sizes: InputSizes, time: number, batch: number): Node {
  const gathered = graph.input('features', [time, batch, sizes.gathered]);
  if (!sizes.encoder) return gathered;
  const { layers, hidden } = sizes.encoder;
  const states = graph.input('states', [time, batch, 2 * layers * hidden]);
  return graph.concat([mixLayers(graph, states, sizes.encoder), gathered], -1);
}
