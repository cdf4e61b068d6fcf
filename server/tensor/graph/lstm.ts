// The LSTM written out in plain operations, for engines without a fused gradient: the bulk of the work in few large
// products, and as few nodes a time step as can be, because small nodes are what an unrolled LSTM costs.
import type { Graph } from './graph.ts';
import type { Program } from './program.ts';
import { rewriteProgram } from './rewrite.ts';
import type { LstmPart, Node } from './types.ts';

/** Added to all gates beyond the length: they close, so that state and output stay 0 there, and so do the gradients. */
const CLOSED = -1e4;

interface Direction {
  /** [time, batch, hidden] */
  readonly y: Node;
  /** Gate activations of all steps, and what the gradient needs of the states: [time * batch, hidden] each. */
  readonly i: Node;
  readonly j: Node;
  readonly f: Node;
  readonly o: Node;
  readonly tanhC: Node;
  readonly cBefore: Node;
  readonly hBefore: Node;
}

interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
}

function sizesOf(x: Node, bias: Node): Sizes {
  const [time, batch, input] = x.shape as [number, number, number];
  return { time, batch, input, hidden: bias.shape[0]! / 4 };
}

/** Time steps in the order in which a direction walks. */
function walk(time: number, backwards: boolean): number[] {
  return Array.from({ length: time }, (_, k) => (backwards ? time - 1 - k : k));
}

/** One direction, forward pass. */
function unroll(g: Graph, x: Node, lengths: Node, weight: Node, bias: Node, backwards: boolean): Direction {
  const { time, batch, input, hidden } = sizesOf(x, bias);
  const rows = time * batch;
  const [fromInput, fromState] = g.split(weight, [input, hidden], 0) as [Node, Node];
  const forgetBias = Float32Array.from({ length: 4 * hidden }, (_, n) => (Math.floor(n / hidden) === 2 ? 1 : 0));
  const mask = g.reshape(g.sequenceMask(lengths, time), [rows, 1]);
  const closed = g.mul(g.sub(1, mask), CLOSED);
  const shift = g.add(g.add(bias, g.constant(forgetBias)), closed);
  const all = g.add(g.matMul(g.reshape(x, [rows, input]), fromInput), shift); // [time * batch, 4 * hidden]
  const steps = g.split(all, Array(time).fill(batch), 0);

  const zero = g.zeros([batch, hidden]);
  const [is, js, fs, os]: Node[][] = [[], [], [], []];
  const [tanhs, cs, hs]: Node[][] = [[], [], []];
  const [csBefore, hsBefore]: Node[][] = [[], []];
  let c: Node | undefined;
  let h: Node | undefined;
  for (const t of walk(time, backwards)) {
    const gates = h ? g.add(g.matMul(h, fromState), steps[t]!) : steps[t]!;
    const [i, j, f, o] = g.split(gates, Array(4).fill(hidden), 1) as [Node, Node, Node, Node];
    is[t] = g.sigmoid(i);
    js[t] = g.tanh(j);
    fs[t] = g.sigmoid(f);
    os[t] = g.sigmoid(o);
    csBefore[t] = c ?? zero;
    hsBefore[t] = h ?? zero;
    const fresh = g.mul(is[t]!, js[t]!);
    c = c ? g.add(g.mul(fs[t]!, c), fresh) : fresh;
    tanhs[t] = g.tanh(c);
    h = g.mul(os[t]!, tanhs[t]!);
    cs[t] = c;
    hs[t] = h;
  }
  const bulk = (parts: Node[]) => g.concat(parts, 0);
  return {
    y: g.reshape(g.mul(bulk(hs), mask), [time, batch, hidden]),
    i: bulk(is),
    j: bulk(js),
    f: bulk(fs),
    o: bulk(os),
    tanhC: bulk(tanhs),
    cBefore: bulk(csBefore),
    hBefore: bulk(hsBefore),
  };
}

interface DirectionGradients {
  readonly x: () => Node;
  readonly weight: () => Node;
  readonly bias: () => Node;
}

/** One direction, backward pass: dy [time, batch, hidden]. */
function unrollGradient(
  g: Graph,
  x: Node,
  weight: Node,
  bias: Node,
  { i, j, f, o, tanhC, cBefore, hBefore }: Direction,
  dy: Node,
  backwards: boolean,
): DirectionGradients {
  const { time, batch, input, hidden } = sizesOf(x, bias);
  const rows = time * batch;
  const [fromInput, fromState] = g.split(weight, [input, hidden], 0) as [Node, Node];
  // All derivatives of the gates and the cell at once
  const off = (gate: Node) => g.mul(gate, g.sub(1, gate)); // derivative of the sigmoid
  const derivatives = g.concat(
    [g.mul(j, off(i)), g.mul(i, g.sub(1, g.mul(j, j))), g.mul(cBefore, off(f)), g.mul(tanhC, off(o))],
    1,
  );
  const hToC = g.mul(o, g.sub(1, g.mul(tanhC, tanhC)));
  const cut = (n: Node) => g.split(n, Array(time).fill(batch), 0);
  const [derivativeAt, hToCAt, fAt, dyAt] = [cut(derivatives), cut(hToC), cut(f), cut(g.reshape(dy, [rows, hidden]))];

  const dGates: Node[] = [];
  let next: { readonly dGates: Node; readonly dc: Node; readonly t: number } | undefined;
  for (const t of walk(time, !backwards)) {
    const dh = next ? g.add(g.matMul(next.dGates, fromState, { transposeB: true }), dyAt[t]!) : dyAt[t]!;
    const dcFromH = g.mul(dh, hToCAt[t]!);
    const dc = next ? g.add(dcFromH, g.mul(next.dc, fAt[next.t]!)) : dcFromH;
    dGates[t] = g.mul(g.concat([dc, dc, dc, dh], 1), derivativeAt[t]!);
    next = { dGates: dGates[t]!, dc, t };
  }
  const all = g.concat(dGates, 0); // [time * batch, 4 * hidden]
  return {
    x: () => g.reshape(g.matMul(all, fromInput, { transposeB: true }), [time, batch, input]),
    weight: () => g.matMul(g.concat([g.reshape(x, [rows, input]), hBefore], 1), all, { transposeA: true }),
    bias: () => g.sum(all, [0]),
  };
}

/** The program with its LSTMs' gradients (and, for what they need, its LSTMs) written out in plain operations. */
export function unrollLstm(program: Program): Program {
  const trained = new Set(program.graph.nodes.filter((n) => n.op === 'lstmGradient').map((n) => n.inputs[6]!));
  const unrolled = new Map<Node, readonly [Direction, Direction]>();
  const gradients = new Map<string, Record<LstmPart, () => Node>>();
  return rewriteProgram(program, (g, node, inputs) => {
    const [x, lengths, wf, bf, wb, bb, y, dy] = inputs as [Node, Node, Node, Node, Node, Node, Node, Node];
    if (node.op === 'lstm' && trained.has(node)) {
      const directions = [unroll(g, x, lengths, wf, bf, false), unroll(g, x, lengths, wb, bb, true)] as const;
      const result = g.concat([directions[0].y, directions[1].y], 2);
      unrolled.set(result, directions);
      return result;
    }
    if (node.op !== 'lstmGradient') return undefined;
    const key = `${y.id} ${dy.id}`;
    let parts = gradients.get(key);
    if (!parts) {
      const [forward, backward] = unrolled.get(y)!;
      const hidden = bf.shape[0]! / 4;
      const [dForward, dBackward] = g.split(dy, [hidden, hidden], 2) as [Node, Node];
      const f = unrollGradient(g, x, wf, bf, forward, dForward, false);
      const b = unrollGradient(g, x, wb, bb, backward, dBackward, true);
      parts = {
        x: () => g.add(f.x(), b.x()),
        'forward.weight': f.weight,
        'forward.bias': f.bias,
        'backward.weight': b.weight,
        'backward.bias': b.bias,
      };
      gradients.set(key, parts);
    }
    return parts[node.attributes.of]();
  });
}
