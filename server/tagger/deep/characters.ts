// The character BiLSTM: how a word is spelt becomes a vector, the last states of both directions.
import { Graph, type Node, type Shape } from '../../tensor/index.ts';
import { lstmShapes, lstmState } from './network.ts';

export interface CharacterSizes {
  readonly characters: number;
  readonly width: number;
  readonly hidden: number;
}

export function characterShapes({ characters, width, hidden }: CharacterSizes): Record<string, Shape> {
  return { 'chars.embedding.weight': [characters, width], ...lstmShapes('chars.lstm', width, hidden) };
}

export interface CharacterNetwork {
  readonly graph: Graph;
  /** [forms, 2 * hidden]; zeros for a word without characters. */
  readonly states: Node;
}

/** Inputs of the graph: `characters` int32 [time, forms], `lengths` int32 [forms]. */
export function buildCharacters(sizes: CharacterSizes, time: number, forms: number): CharacterNetwork {
  const graph = new Graph();
  const shapes = characterShapes(sizes);
  const lengths = graph.input('lengths', [forms], 'int32');
  const table = graph.state('chars.embedding.weight', shapes['chars.embedding.weight']!);
  const embedded = graph.gather(table, graph.input('characters', [time, forms], 'int32'));
  const [forward, backward] = ['forward', 'backward'].map((d) => lstmState(graph, `chars.lstm.${d}`, shapes));
  const all = graph.lstm(embedded, lengths, forward!, backward!);
  const [ahead, back] = graph.split(all, [sizes.hidden, sizes.hidden], 2) as [Node, Node];
  // 1 at the last character of each word, 0 elsewhere: [time, forms, 1]
  const inside = graph.sequenceMask(lengths, time);
  const next = graph.concat([graph.slice(inside, 0, 1, time - 1), graph.zeros([1, forms])], 0);
  const last = graph.reshape(graph.sub(inside, next), [time, forms, 1]);
  const first = graph.reshape(graph.slice(back, 0, 0, 1), [forms, sizes.hidden]);
  return { graph, states: graph.concat([graph.sum(graph.mul(ahead, last), [0]), first], 1) };
}
