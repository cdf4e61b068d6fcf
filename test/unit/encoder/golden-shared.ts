// What the cases of golden-parts.ts and golden-steps.ts have in common.
import type { BatchShape } from '../../../server/encoder/direction.ts';
import type { Engine, Graph, Node, State, TypedArray } from '../../../server/tensor/index.ts';
import type { Nested } from '../tagger/deep/golden.ts';
export type Named = Record<string, Nested>;
export type Ids = Record<string, number[][]>;

export interface GoldenConfig {
  readonly hidden: number;
  readonly filter: number;
  readonly layers: number;
  readonly heads: number;
}

export const LANGUAGES = ['aa', 'bb'];

/** Sentences without their padding. */
export const sentencesOf = (ids: readonly number[][]) =>
  ids.map((row) => Int32Array.from(row.filter((id) => id !== 0)));

export function shapeFor(ids: Ids): BatchShape {
  const all = LANGUAGES.map((language) => ids[language]!);
  return {
    sentences: Math.max(...all.map((rows) => rows.length)),
    time: Math.max(...all.map((rows) => rows[0]!.length)),
  };
}

/** Runs a graph once. */
export async function run(
  engine: Engine,
  graph: Graph,
  outputs: Record<string, Node>,
  weights: State,
  inputs: Record<string, TypedArray>,
) {
  const programs = { test: () => ({ graph, stages: [{ name: 'run', outputs }] }) };
  const model = await engine.createModel({ weights, programs }, { threads: 1 });
  try {
    const found = await model.run('test', 'run', inputs);
    return Object.fromEntries(Object.entries(found).map(([name, data]) => [name, data.slice()]));
  } finally {
    await model.dispose();
  }
}
