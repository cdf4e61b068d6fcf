// The LSTM written out in plain operations, for engines without a fused gradient. Small nodes are what it costs: so the two
// directions walk together as a leading axis of 2 (the backward one over reversed time), whatever does not depend on the
// step before is done in bulk, and a step takes 12 nodes forward and 7 backward.
import type { Graph } from './graph.ts';
import { neededNodes, type Program } from './program.ts';
import { rewriteProgram } from './rewrite.ts';
import type { LstmPart, Node } from './types.ts';

/** Added to all gates beyond the length: they close, so that state and output stay 0 there, and so do the gradients. */
const CLOSED = -1e4;

/** The inputs of an `lstm` node; weights and biases forward, then backward. */
interface Cell {
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
  readonly weights: readonly [Node, Node];
  readonly biases: readonly [Node, Node];
  /** [time, batch, input] as it is, and with time reversed. */
  readonly x: readonly [Node, Node];
  /** Weights from state to gates: [2, 1, hidden, 4 * hidden]. */
  readonly fromState: Node;
}

/** What the gradient needs of the forward pass: [2, time, batch, hidden] each, in the order of the walk. */
interface Walk {
  readonly i: Node;
  readonly j: Node;
  readonly f: Node;
  readonly o: Node;
  readonly tanhC: Node;
  readonly cBefore: Node;
  readonly hBefore: Node;
}

function cellOf(g: Graph, [x, , wf, bf, wb, bb]: readonly Node[]): Cell {
  const [time, batch, input] = x!.shape as [number, number, number];
  const hidden = bf!.shape[0]! / 4;
  const states = [wf!, wb!].map((w) => g.reshape(g.slice(w, 0, input, hidden), [1, 1, hidden, 4 * hidden]));
  return {
    ...{ time, batch, input, hidden },
    weights: [wf!, wb!],
    biases: [bf!, bb!],
    x: [x!, g.reverse(x!, 0)],
    fromState: g.concat(states, 0),
  };
}

/** Between [time, batch, 2 * hidden], forward then backward, and [2, time, batch, hidden] in the order of the walk. */
function toWalk(g: Graph, y: Node, { time, batch, hidden }: Cell): Node {
  const [forward, backward] = g.split(y, [hidden, hidden], 2) as [Node, Node];
  const directions = [forward, g.reverse(backward, 0)].map((d) => g.reshape(d, [1, time, batch, hidden]));
  return g.concat(directions, 0);
}
function fromWalk(g: Graph, walked: Node, { time, batch, hidden }: Cell): Node {
  const [forward, backward] = g.split(walked, [1, 1], 0).map((d) => g.reshape(d, [time, batch, hidden]));
  return g.concat([forward!, g.reverse(backward!, 0)], 2);
}

/** What the gates get from input and biases: [2, time, batch, 4 * hidden]. */
function fromInput(g: Graph, cell: Cell, mask: Node): Node {
  const { time, batch, input, hidden } = cell;
  const forgetBias = Float32Array.from({ length: 4 * hidden }, (_, n) => (Math.floor(n / hidden) === 2 ? 1 : 0));
  const closed = g.mul(g.sub(1, mask), CLOSED);
  const directions = [closed, g.reverse(closed, 0)].map((close, d) => {
    const shift = g.add(g.add(cell.biases[d]!, g.constant(forgetBias)), g.reshape(close, [time * batch, 1]));
    const rows = g.reshape(cell.x[d]!, [time * batch, input]);
    const gates = g.add(g.matMul(rows, g.slice(cell.weights[d]!, 0, 0, input)), shift);
    return g.reshape(gates, [1, time, batch, 4 * hidden]);
  });
  return g.concat(directions, 0);
}

function forward(g: Graph, cell: Cell, lengths: Node): { y: Node; walk: Walk } {
  const { time, batch, hidden, fromState } = cell;
  const mask = g.sequenceMask(lengths, time);
  const steps = g.split(fromInput(g, cell, mask), Array(time).fill(1), 1);

  const zero = g.zeros([2, 1, batch, hidden]);
  const all: Record<keyof Walk | 'h', Node[]> = {
    ...{ i: [], j: [], f: [], o: [] },
    ...{ tanhC: [], h: [], cBefore: [], hBefore: [] },
  };
  let c: Node | undefined;
  let h: Node | undefined;
  for (const step of steps) {
    const gates = h ? g.add(g.matMul(h, fromState), step) : step;
    const parts = g.split(gates, Array(4).fill(hidden), 3) as [Node, Node, Node, Node];
    const [i, j, f, o] = [g.sigmoid(parts[0]), g.tanh(parts[1]), g.sigmoid(parts[2]), g.sigmoid(parts[3])];
    all.cBefore.push(c ?? zero);
    all.hBefore.push(h ?? zero);
    const fresh = g.mul(i, j);
    c = c ? g.add(g.mul(f, c), fresh) : fresh;
    const tanhC = g.tanh(c);
    h = g.mul(o, tanhC);
    for (const [name, node] of Object.entries({ i, j, f, o, tanhC, h })) all[name as 'h'].push(node);
  }
  const bulk = (name: keyof typeof all) => g.concat(all[name], 1);
  return {
    y: g.mul(fromWalk(g, bulk('h'), cell), g.reshape(mask, [time, batch, 1])),
    walk: {
      ...{ i: bulk('i'), j: bulk('j'), f: bulk('f'), o: bulk('o') },
      ...{ tanhC: bulk('tanhC'), cBefore: bulk('cBefore'), hBefore: bulk('hBefore') },
    },
  };
}

/** Each part of the gradient, given dy [time, batch, 2 * hidden]; what they share is in the graph once. */
function backward(g: Graph, cell: Cell, walk: Walk, dy: Node): Record<LstmPart, () => Node> {
  const { time, batch, input, hidden, fromState } = cell;
  const { i, j, f, o, tanhC, cBefore, hBefore } = walk;
  // All derivatives of gates and cell at once
  const slope = (gate: Node) => g.mul(gate, g.sub(1, gate)); // of the sigmoid
  const slopes = g.concat(
    [g.mul(j, slope(i)), g.mul(i, g.sub(1, g.mul(j, j))), g.mul(cBefore, slope(f)), g.mul(tanhC, slope(o))],
    3,
  );
  const hToC = g.mul(o, g.sub(1, g.mul(tanhC, tanhC)));
  const cut = (n: Node) => g.split(n, Array(time).fill(1), 1);
  const [slopeAt, hToCAt, fAt, dyAt] = [cut(slopes), cut(hToC), cut(f), cut(toWalk(g, dy, cell))];

  const dGates: Node[] = [];
  let dc: Node | undefined;
  for (let t = time - 1; t >= 0; t--) {
    const dh = dc ? g.add(g.matMul(dGates[t + 1]!, fromState, { transposeB: true }), dyAt[t]!) : dyAt[t]!;
    const fromH = g.mul(dh, hToCAt[t]!);
    dc = dc ? g.add(fromH, g.mul(dc, fAt[t + 1]!)) : fromH;
    dGates[t] = g.mul(g.concat([dc, dc, dc, dh], 3), slopeAt[t]!);
  }
  const rows = (n: Node, width: number) => g.reshape(n, [time * batch, width]);
  const gradients = g.split(g.concat(dGates, 1), [1, 1], 0).map((d) => rows(d, 4 * hidden));
  const before = g.split(hBefore, [1, 1], 0).map((h) => rows(h, hidden));
  const ofX = (d: 0 | 1) => {
    const dx = g.matMul(gradients[d]!, g.slice(cell.weights[d], 0, 0, input), { transposeB: true });
    return g.reshape(dx, [time, batch, input]);
  };
  const ofWeight = (d: 0 | 1) =>
    g.matMul(g.concat([rows(cell.x[d], input), before[d]!], 1), gradients[d]!, { transposeA: true });
  return {
    x: () => g.add(ofX(0), g.reverse(ofX(1), 0)),
    'forward.weight': () => ofWeight(0),
    'forward.bias': () => g.sum(gradients[0]!, [0]),
    'backward.weight': () => ofWeight(1),
    'backward.bias': () => g.sum(gradients[1]!, [0]),
  };
}

/** The program with the LSTMs that it trains, and their gradients, written out in plain operations. */
export function unrollLstm(program: Program): Program {
  const trained = new Set(
    neededNodes(program)
      .filter((n) => n.op === 'lstmGradient')
      .map((n) => n.inputs[6]!),
  );
  const walks = new Map<Node, { cell: Cell; walk: Walk }>();
  const gradients = new Map<string, Record<LstmPart, () => Node>>();
  return rewriteProgram(program, (g, node, inputs) => {
    if (node.op === 'lstm' && trained.has(node)) {
      const cell = cellOf(g, inputs);
      const { y, walk } = forward(g, cell, inputs[1]!);
      walks.set(y, { cell, walk });
      return y;
    }
    if (node.op !== 'lstmGradient') return undefined;
    const [y, dy] = inputs.slice(6) as [Node, Node];
    const key = `${y.id} ${dy.id}`;
    let parts = gradients.get(key);
    if (!parts) {
      const { cell, walk } = walks.get(y)!;
      parts = backward(g, cell, walk, dy);
      gradients.set(key, parts);
    }
    return parts[node.attributes.of]();
  });
}
