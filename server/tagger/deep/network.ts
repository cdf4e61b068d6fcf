// The sentence network: token inputs -> dropout -> BiLSTM -> dropout -> linear -> emissions. The CRF comes after it,
// outside of the graph; its gradient for the emissions comes back as an input of the second stage.
import { Graph, type LstmWeights, type Node, type Shape } from '../../tensor/index.ts';
import { buildInputs, type InputSizes, inputShapes, inputWidth } from './inputs.ts';

export interface NetworkSizes extends InputSizes {
  readonly hidden: number;
  readonly tags: number;
}

/** [in + hidden, 4 * hidden] and [4 * hidden] for both directions. */
export function lstmShapes(name: string, width: number, hidden: number): Record<string, Shape> {
  return Object.fromEntries(
    ['forward', 'backward'].flatMap((direction) => [
      [`${name}.${direction}.weight`, [width + hidden, 4 * hidden]],
      [`${name}.${direction}.bias`, [4 * hidden]],
    ]),
  );
}

/** All weights inside the sentence network. */
export function networkShapes(sizes: NetworkSizes): Record<string, Shape> {
  return {
    ...inputShapes(sizes),
    ...lstmShapes('tagger.lstm', inputWidth(sizes), sizes.hidden),
    'tagger.out.weight': [2 * sizes.hidden, sizes.tags],
    'tagger.out.bias': [sizes.tags],
  };
}

/** The weights of one direction of a BiLSTM as states of the graph. */
export function lstmState(graph: Graph, name: string, shapes: Readonly<Record<string, Shape>>): LstmWeights {
  const state = (part: string) => graph.state(`${name}.${part}`, shapes[`${name}.${part}`]!);
  return { weight: state('weight'), bias: state('bias') };
}

export interface Network {
  readonly graph: Graph;
  /** [time, batch, tags]; beyond a sentence's length they are the bias of the linear layer. */
  readonly emissions: Node;
}

/**
 * Inputs of the graph: those of `buildInputs`; `lengths` int32 [batch]; with `dropout` the masks `mask.input`
 * [time, batch, inputWidth] and `mask.hidden` [time, batch, 2 * hidden], made outside so that every engine sees the same.
 */
export function buildNetwork(sizes: NetworkSizes, time: number, batch: number, dropout: boolean): Network {
  const graph = new Graph();
  const shapes = networkShapes(sizes);
  const drop = (x: Node, mask: string) => (dropout ? graph.mul(x, graph.input(mask, x.shape)) : x);
  const lengths = graph.input('lengths', [batch], 'int32');
  const inputs = drop(buildInputs(graph, sizes, time, batch), 'mask.input');
  const [forward, backward] = ['forward', 'backward'].map((d) => lstmState(graph, `tagger.lstm.${d}`, shapes));
  const hidden = drop(graph.lstm(inputs, lengths, forward!, backward!), 'mask.hidden');
  const weight = graph.state('tagger.out.weight', shapes['tagger.out.weight']!);
  const bias = graph.state('tagger.out.bias', shapes['tagger.out.bias']!);
  return { graph, emissions: graph.linear(hidden, weight, bias) };
}
