// One gradient rule an operation, written with the operations themselves, and the walk that applies them.
import type { Graph } from './graph.ts';
import type { Node, NodeOf, Op, Shape } from './types.ts';

/** The gradients of a node's inputs (undefined: none flows), given the gradient of its output. */
type Rule<K extends Op> = (g: Graph, node: NodeOf<K>, dy: Node, wanted: (input: number) => boolean) => Gradients;
type Gradients = readonly (Node | undefined)[];

/** Sums a gradient over the axes along which its tensor was broadcast. */
function unbroadcast(g: Graph, dy: Node, shape: Shape): Node {
  const added = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((d, i) => (i < added || (shape[i - added] === 1 && d !== 1) ? [i] : []));
  return g.reshape(axes.length === 0 ? dy : g.sum(dy, axes, { keepDims: true }), shape);
}

const none = (): Gradients => [];

const GRADIENTS: { readonly [K in Op]: Rule<K> } = {
  input: none,
  state: none,
  constant: none,
  step: none,
  sequenceMask: none,

  add: (g, { inputs: [a, b] }, dy) => [unbroadcast(g, dy, a!.shape), unbroadcast(g, dy, b!.shape)],
  sub: (g, { inputs: [a, b] }, dy, wanted) => [
    wanted(0) ? unbroadcast(g, dy, a!.shape) : undefined,
    wanted(1) ? g.neg(unbroadcast(g, dy, b!.shape)) : undefined,
  ],
  mul: (g, { inputs: [a, b] }, dy, wanted) => [
    wanted(0) ? unbroadcast(g, g.mul(dy, b!), a!.shape) : undefined,
    wanted(1) ? unbroadcast(g, g.mul(dy, a!), b!.shape) : undefined,
  ],
  div: (g, y, dy, wanted) => {
    const [a, b] = y.inputs as [Node, Node];
    const da = g.div(dy, b);
    return [
      wanted(0) ? unbroadcast(g, da, a.shape) : undefined,
      wanted(1) ? g.neg(unbroadcast(g, g.mul(da, y as Node), b.shape)) : undefined,
    ];
  },
  maximum: (g, { inputs: [a, b] }, dy) => {
    const first = g.step(g.sub(a!, b!)); // equal operands: the gradient goes to the second
    const da = g.mul(dy, first);
    return [unbroadcast(g, da, a!.shape), unbroadcast(g, g.sub(dy, da), b!.shape)];
  },

  neg: (g, _, dy) => [g.neg(dy)],
  exp: (g, y, dy) => [g.mul(dy, y as Node)],
  log: (g, { inputs: [x] }, dy) => [g.div(dy, x!)],
  sqrt: (g, y, dy) => [g.div(g.mul(dy, 0.5), y as Node)],
  tanh: (g, y, dy) => [g.mul(dy, g.sub(1, g.mul(y as Node, y as Node)))],
  sigmoid: (g, y, dy) => [g.mul(dy, g.mul(y as Node, g.sub(1, y as Node)))],
  relu: (g, y, dy) => [g.mul(dy, g.step(y as Node))],

  matMul: (g, { inputs: [a, b], attributes: { transposeA, transposeB } }, dy, wanted) => [
    !wanted(0)
      ? undefined
      : transposeA
        ? g.matMul(b!, dy, { transposeA: transposeB, transposeB: true })
        : g.matMul(dy, b!, { transposeB: !transposeB }),
    !wanted(1)
      ? undefined
      : transposeB
        ? g.matMul(dy, a!, { transposeA: true, transposeB: transposeA })
        : g.matMul(a!, dy, { transposeA: !transposeA }),
  ],
  sum: (g, { inputs: [x] }, dy) => [g.broadcast(dy, x!.shape)],
  max: (g, y, dy) => {
    const [x] = y.inputs as [Node];
    const below = g.step(g.sub(y as Node, x));
    const here = g.sub(1, below);
    const share = g.div(dy, g.sum(here, y.attributes.axes, { keepDims: true }));
    return [g.mul(here, share)];
  },
  softmax: (g, y, dy) => {
    const weighted = g.mul(dy, y as Node);
    return [g.sub(weighted, g.mul(y as Node, g.sum(weighted, [-1], { keepDims: true })))];
  },
  logSoftmax: (g, y, dy) => [g.sub(dy, g.mul(g.exp(y as Node), g.sum(dy, [-1], { keepDims: true })))],
  normalise: (g, y, dy) => {
    const mean = (v: Node) => g.mean(v, [-1], { keepDims: true });
    const along = g.mul(y as Node, mean(g.mul(dy, y as Node)));
    const left = g.sub(g.sub(dy, mean(dy)), along);
    return [g.mul(left, g.inverseDeviation(y.inputs[0]!, y.attributes.epsilon))];
  },
  inverseDeviation: (g, r, dy) => {
    const [x] = r.inputs as [Node];
    const share = g.mul(g.mul(r as Node, r as Node), -1 / x.shape.at(-1)!);
    return [g.mul(g.normalise(x, r.attributes.epsilon), g.mul(dy, share))];
  },

  reshape: (g, { inputs: [x] }, dy) => [g.reshape(dy, x!.shape)],
  transpose: (g, { attributes: { permutation } }, dy) => [
    g.transpose(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  broadcast: (g, { inputs: [x] }, dy) => [unbroadcast(g, dy, x!.shape)],
  concat: (g, { inputs, attributes: { axis } }, dy) =>
    g.split(
      dy,
      inputs.map((x) => x.shape[axis]!),
      axis,
    ),
  slice: none, // the walk itself: `gatherSlices` puts the slices of a tensor together again at once
  reverse: (g, { attributes: { axis } }, dy) => [g.reverse(dy, axis)],
  where: (g, { inputs: [condition, a, b] }, dy) => [
    undefined,
    unbroadcast(g, g.where(condition!, dy, 0), a!.shape),
    unbroadcast(g, g.where(condition!, 0, dy), b!.shape),
  ],

  gather: (g, { inputs: [table, indices] }, dy) => [g.scatterAdd(indices!, dy, table!.shape[0]!)],
  scatterAdd: (g, { inputs: [indices] }, dy) => [undefined, g.gather(dy, indices!)],

  lstm: (g, y, dy, wanted) => [
    wanted(0) ? g.lstmGradient(y, dy, 'x') : undefined,
    undefined,
    wanted(2) ? g.lstmGradient(y, dy, 'forward.weight') : undefined,
    wanted(3) ? g.lstmGradient(y, dy, 'forward.bias') : undefined,
    wanted(4) ? g.lstmGradient(y, dy, 'backward.weight') : undefined,
    wanted(5) ? g.lstmGradient(y, dy, 'backward.bias') : undefined,
  ],
  lstmGradient: () => {
    throw new Error('the gradient of an LSTM has no gradient of its own');
  },
};

interface Piece {
  readonly start: number;
  readonly dy: Node;
}

/** Puts pieces along an axis together, zeros between them. Pieces in order, not overlapping. */
function assemble(g: Graph, shape: Shape, axis: number, pieces: readonly Piece[]): Node {
  const parts: Node[] = [];
  let end = 0;
  const fill = (until: number) => {
    if (until > end) parts.push(g.zeros(shape.with(axis, until - end)));
  };
  for (const { start, dy } of pieces) {
    fill(start);
    parts.push(dy);
    end = start + dy.shape[axis]!;
  }
  fill(shape[axis]!);
  return g.concat(parts, axis);
}

/**
 * The gradient of a tensor that was sliced: neighbouring slices are concatenated, so that a split costs one concat and not
 * one padded sum a slice.
 */
function gatherSlices(g: Graph, shape: Shape, slices: readonly { axis: number; piece: Piece }[]): Node[] {
  const rows: { axis: number; end: number; pieces: Piece[] }[] = [];
  for (const { axis, piece } of [...slices].sort((a, b) => a.piece.start - b.piece.start)) {
    let row = rows.find((r) => r.axis === axis && r.end <= piece.start);
    if (!row) {
      row = { axis, end: 0, pieces: [] };
      rows.push(row);
    }
    row.pieces.push(piece);
    row.end = piece.start + piece.dy.shape[axis]!;
  }
  return rows.map(({ axis, pieces }) => assemble(g, shape, axis, pieces));
}

/** An output and the gradient of the loss with respect to it (for a loss itself: 1). */
export interface OutputGradient {
  readonly node: Node;
  readonly gradient: Node | number;
}

/**
 * The gradients of `targets`, each of its target's shape (zeros where nothing flows), given those of the outputs.
 * Adds to the graph only what leads from the targets to the outputs.
 */
export function gradients(g: Graph, outputs: readonly OutputGradient[], targets: readonly Node[]): Node[] {
  const reached = new Set<Node>(targets); // depends on a target
  for (const node of g.nodes) if (node.inputs.some((input) => reached.has(input))) reached.add(node);

  const flowing = new Map<Node, Node[]>();
  const sliced = new Map<Node, { axis: number; piece: Piece }[]>();
  const give = (node: Node, gradient: Node) => {
    if (reached.has(node)) flowing.set(node, [...(flowing.get(node) ?? []), gradient]);
  };
  for (const { node, gradient } of outputs) give(node, g.broadcast(g.node(gradient), node.shape));

  const results = new Map<Node, Node>();
  const backwards = g.nodes.filter((node) => reached.has(node)).reverse();
  for (const node of backwards) {
    const parts = [...(flowing.get(node) ?? []), ...gatherSlices(g, node.shape, sliced.get(node) ?? [])];
    if (parts.length === 0) continue;
    const dy = parts.reduce((sum, part) => g.add(sum, part));
    results.set(node, dy);
    const [source] = node.inputs;
    if (node.op === 'slice' && source && reached.has(source)) {
      const { axis, start } = node.attributes;
      sliced.set(source, [...(sliced.get(source) ?? []), { axis, piece: { start, dy } }]);
      continue;
    }
    const rule = GRADIENTS[node.op] as Rule<Op>;
    const wanted = (input: number) => reached.has(node.inputs[input]!);
    rule(g, node as NodeOf<Op>, dy, wanted).forEach((gradient, i) => {
      if (gradient && wanted(i)) give(node.inputs[i]!, gradient);
    });
  }
  return targets.map((target) => results.get(target) ?? g.zeros(target.shape));
}
