// How the layers of an encoder become one vector a token (spec section 7, "Features").
import type { Graph, Node, Shape } from '../../tensor/index.ts';
import type { EncoderInput } from './inputs.ts';

/** `layer`: one layer; `all`: all of them side by side; `fws`: a learned weight a channel; `sws`: weights by token. */
export type Mixing = { readonly layer: number } | 'all' | 'fws' | { readonly sws: number };

/** The layer that is taken as it is; undefined where several are mixed. */
export function layerOf(mixing: Mixing): number | undefined {
  return typeof mixing === 'object' && 'layer' in mixing ? mixing.layer : undefined;
}

/** Width of the mixed features. */
export function mixedWidth({ layers, hidden, mixing }: EncoderInput): number {
  return mixing === 'all' ? 2 * layers * hidden : 2 * hidden;
}

/** The weights that a mixing learns. */
export function mixingShapes({ layers, hidden, mixing }: EncoderInput): Record<string, Shape> {
  if (mixing === 'fws') return { 'mix.fws.weight': [layers, 2 * hidden] };
  if (typeof mixing !== 'object' || !('sws' in mixing)) return {};
  return {
    'mix.sws.0.weight': [2 * layers * hidden, mixing.sws],
    'mix.sws.0.bias': [mixing.sws],
    'mix.sws.1.weight': [mixing.sws, layers],
    'mix.sws.1.bias': [layers],
  };
}

/**
 * @param states [time, batch, 2 * layers * hidden], forward layers 0 to L, then backward layers 0 to L
 *   (of one layer alone, which is what is fed for `layer`: that layer, as it is)
 * @returns [time, batch, mixedWidth]; within a layer forward channels stand before backward ones
 */
export function mixLayers(graph: Graph, states: Node, input: EncoderInput): Node {
  const { layers, hidden, mixing } = input;
  const [time, batch] = states.shape as [number, number];
  if (layers === 1 && layerOf(mixing) === 0) return states;
  // [time, batch, direction, layer, hidden] -> [time, batch, layer, direction, hidden]
  const split = graph.reshape(states, [time, batch, 2, layers, hidden]);
  const layered = graph.transpose(split, [0, 1, 3, 2, 4]);
  const flat = graph.reshape(layered, [time, batch, layers * 2 * hidden]);
  if (mixing === 'all') return flat;
  const byLayer = graph.reshape(layered, [time, batch, layers, 2 * hidden]);
  if (mixing === 'fws') return graph.sum(graph.mul(byLayer, overLayers(graph, input)), [2]);
  const layer = layerOf(mixing);
  if (layer !== undefined) return graph.reshape(graph.slice(byLayer, 2, layer, 1), [time, batch, 2 * hidden]);
  const shapes = mixingShapes(input);
  const state = (name: string) => graph.state(name, shapes[name]!);
  const inner = graph.tanh(graph.linear(flat, state('mix.sws.0.weight'), state('mix.sws.0.bias')));
  const scores = graph.tanh(graph.linear(inner, state('mix.sws.1.weight'), state('mix.sws.1.bias')));
  const weights = graph.reshape(graph.softmax(scores), [time, batch, layers, 1]);
  return graph.sum(graph.mul(byLayer, weights), [2]);
}

/** Softmax over the layers for every channel: [layers, 2 * hidden]. */
function overLayers(graph: Graph, { layers, hidden }: EncoderInput): Node {
  const weight = graph.state('mix.fws.weight', [layers, 2 * hidden]);
  return graph.transpose(graph.softmax(graph.transpose(weight, [1, 0])), [1, 0]);
}
