// The builder: every method adds a node (or finds an equal one) and returns it.
import { type Request, SHAPES } from './shapes.ts';
import type { Attributes, DType, LstmPart, Node, NodeOf, Op, Shape, TypedArray } from './types.ts';
import { sameShape, sizeOf } from './types.ts';

/** The matrix [in + hidden, 4 * hidden] (gate columns i, j, f, o) and bias [4 * hidden] of one LSTM direction. */
export interface LstmWeights {
  readonly weight: Node;
  readonly bias: Node;
}

/** A number stands for a scalar constant. */
export type Operand = Node | number;

/**
 * A static graph: shapes and types are known when a node is made, and a mistake throws a GraphError there.
 * Equal nodes (same operation, inputs, attributes) are made once.
 */
export class Graph {
  readonly #nodes: Node[] = [];
  readonly #known = new Map<string, Node>();

  /** All nodes, inputs before their users. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  // Sources

  /** A tensor that the caller feeds with each run. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Node {
    return this.#named('input', name, shape, dtype);
  }

  /** A weight or moment: it lives in the engine, all programs of a model share it, a stage may replace it. */
  state(name: string, shape: Shape): Node {
    return this.#named('state', name, shape, 'float32');
  }

  constant(value: number | TypedArray, shape?: Shape): Node {
    const data = typeof value === 'number' ? Float32Array.of(value) : value;
    const dtype = data instanceof Int32Array ? 'int32' : 'float32';
    const dimensions = shape ?? (typeof value === 'number' ? [] : [data.length]);
    if (sizeOf(dimensions) !== data.length) throw new RangeError(`constant of ${data.length} for [${dimensions}]`);
    const key = `constant ${dtype} [${dimensions}] ${data.length <= 4096 ? data.join() : `#${this.#nodes.length}`}`;
    return this.#make('constant', { inputs: [], attributes: { data }, shape: dimensions, dtype }, key);
  }

  /** All zeros, without the memory. */
  zeros(shape: Shape): Node {
    return this.broadcast(this.constant(0), shape);
  }

  // Elementwise; two operands broadcast as in NumPy

  add(a: Operand, b: Operand): Node {
    return this.#apply('add', [this.node(a), this.node(b)], {});
  }
  sub(a: Operand, b: Operand): Node {
    return this.#apply('sub', [this.node(a), this.node(b)], {});
  }
  mul(a: Operand, b: Operand): Node {
    return this.#apply('mul', [this.node(a), this.node(b)], {});
  }
  div(a: Operand, b: Operand): Node {
    return this.#apply('div', [this.node(a), this.node(b)], {});
  }
  maximum(a: Operand, b: Operand): Node {
    return this.#apply('maximum', [this.node(a), this.node(b)], {});
  }
  neg(x: Node): Node {
    return this.#apply('neg', [x], {});
  }
  exp(x: Node): Node {
    return this.#apply('exp', [x], {});
  }
  /** Natural logarithm. */
  log(x: Node): Node {
    return this.#apply('log', [x], {});
  }
  sqrt(x: Node): Node {
    return this.#apply('sqrt', [x], {});
  }
  tanh(x: Node): Node {
    return this.#apply('tanh', [x], {});
  }
  sigmoid(x: Node): Node {
    return this.#apply('sigmoid', [x], {});
  }
  relu(x: Node): Node {
    return this.#apply('relu', [x], {});
  }
  /** 1 where x is above 0, else 0. Its gradient is 0. */
  step(x: Node): Node {
    return this.#apply('step', [x], {});
  }
  /** `a` where `condition` (float32) is not 0, else `b`. */
  where(condition: Node, a: Operand, b: Operand): Node {
    return this.#apply('where', [condition, this.node(a), this.node(b)], {});
  }

  // Matrices and reductions

  /** [..., m, k] x [..., k, n] -> [..., m, n]; a transposed operand has its last two axes exchanged. */
  matMul(a: Node, b: Node, { transposeA = false, transposeB = false } = {}): Node {
    return this.#apply('matMul', [a, b], { transposeA, transposeB });
  }

  /** x [..., in] W [in, out] (+ b [out]) -> [..., out]: one product over all leading axes. */
  linear(x: Node, weight: Node, bias?: Node): Node {
    const rows = this.reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
    const product = this.matMul(rows, weight);
    const y = bias ? this.add(product, bias) : product;
    return this.reshape(y, [...x.shape.slice(0, -1), weight.shape[1]!]);
  }

  /** Sum over `axes` (all by default; negative ones count from the end). */
  sum(x: Node, axes?: readonly number[], { keepDims = false } = {}): Node {
    return this.#reduce('sum', x, axes, keepDims);
  }
  /** Maximum over `axes`; equal maxima share the gradient. */
  max(x: Node, axes?: readonly number[], { keepDims = false } = {}): Node {
    return this.#reduce('max', x, axes, keepDims);
  }
  mean(x: Node, axes?: readonly number[], { keepDims = false } = {}): Node {
    const total = this.#reduce('sum', x, axes, keepDims);
    return this.mul(total, sizeOf(total.shape) / sizeOf(x.shape));
  }

  /** Over the last axis. */
  softmax(x: Node): Node {
    return this.#apply('softmax', [x], {});
  }
  /** Over the last axis. */
  logSoftmax(x: Node): Node {
    return this.#apply('logSoftmax', [x], {});
  }

  /** The last axis with mean 0 and variance 1: (x - mean) / sqrt(variance + epsilon). */
  normalise(x: Node, epsilon: number): Node {
    return this.#apply('normalise', [x], { epsilon });
  }
  /** 1 / sqrt(variance + epsilon) of the last axis: [..., n] -> [..., 1]. */
  inverseDeviation(x: Node, epsilon: number): Node {
    return this.#apply('inverseDeviation', [x], { epsilon });
  }
  /** Normalises the last axis, then scales and shifts. */
  layerNorm(x: Node, scale: Node, shift: Node, epsilon: number): Node {
    return this.add(this.mul(this.normalise(x, epsilon), scale), shift);
  }

  // Moving values

  reshape(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    return this.#make('reshape', { inputs: [x], attributes: {}, shape });
  }
  /** Axis i of the result is axis permutation[i] of x. */
  transpose(x: Node, permutation: readonly number[]): Node {
    if (permutation.every((axis, i) => axis === i)) return x;
    return this.#apply('transpose', [x], { permutation });
  }
  broadcast(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    return this.#make('broadcast', { inputs: [x], attributes: {}, shape });
  }
  concat(parts: readonly Node[], axis: number): Node {
    const [first] = parts;
    if (first && parts.length === 1) return first;
    return this.#apply('concat', parts, { axis: first ? positive(axis, first) : axis });
  }
  /** Elements [start, start + size) of an axis. */
  slice(x: Node, axis: number, start: number, size: number): Node {
    const at = positive(axis, x);
    if (start === 0 && size === x.shape[at]) return x;
    return this.#make('slice', { inputs: [x], attributes: { axis: at, start }, shape: x.shape.with(at, size) });
  }
  /** Cuts an axis into parts of these sizes. */
  split(x: Node, sizes: readonly number[], axis: number): Node[] {
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return this.slice(x, axis, start - size, size);
    });
  }
  reverse(x: Node, axis: number): Node {
    return this.#apply('reverse', [x], { axis: positive(axis, x) });
  }

  /** Rows of a table: table [rows, ...rest], indices int32 [...any] -> [...any, ...rest]. */
  gather(table: Node, indices: Node): Node {
    return this.#apply('gather', [table, indices], {});
  }
  /** The opposite of gather: adds values [...any, ...rest] into rows of zeros -> [rows, ...rest]. */
  scatterAdd(indices: Node, values: Node, rows: number): Node {
    const shape = [rows, ...values.shape.slice(indices.shape.length)];
    return this.#make('scatterAdd', { inputs: [indices, values], attributes: {}, shape });
  }

  // Sequences

  /** lengths int32 [batch] -> [time, batch], 1 before the length and 0 from it on. */
  sequenceMask(lengths: Node, time: number): Node {
    return this.#make('sequenceMask', { inputs: [lengths], attributes: {}, shape: [time, lengths.shape[0]!] });
  }

  /**
   * Bidirectional LSTM over a ragged batch: x [time, batch, in], lengths int32 [batch], 0 to time
   * -> [time, batch, 2 * hidden], forward then backward, zero beyond the length (where x may be any finite number).
   * c' = sigmoid(f + 1) c + sigmoid(i) tanh(j); h' = sigmoid(o) tanh(c'); the start is zero (spec section 7).
   */
  lstm(x: Node, lengths: Node, forward: LstmWeights, backward: LstmWeights): Node {
    return this.#apply('lstm', [x, lengths, forward.weight, forward.bias, backward.weight, backward.bias], {});
  }
  /** One part of the gradient of `y = lstm(...)`, given the gradient of y. */
  lstmGradient(y: NodeOf<'lstm'>, dy: Node, of: LstmPart): Node {
    return this.#apply('lstmGradient', [...y.inputs, y, dy], { of });
  }

  /** The same operation on other inputs, perhaps those of another graph's node. */
  copy(node: Node, inputs: readonly Node[]): Node {
    if (node.op === 'input' || node.op === 'state') {
      return this.#named(node.op, node.attributes.name, node.shape, node.dtype);
    }
    if (node.op === 'constant') return this.constant(node.attributes.data, node.shape);
    return this.#make(node.op, { inputs, attributes: node.attributes, shape: node.shape, dtype: node.dtype });
  }

  /** A number becomes a scalar constant. */
  node(x: Operand): Node {
    return typeof x === 'number' ? this.constant(x) : x;
  }

  #reduce(op: 'sum' | 'max', x: Node, axes: readonly number[] | undefined, keepDims: boolean): Node {
    const over = axes?.map((axis) => positive(axis, x)) ?? x.shape.map((_, i) => i);
    const y = over.length === 0 ? x : this.#apply(op, [x], { axes: over });
    if (keepDims) return y;
    return this.reshape(
      y,
      x.shape.filter((_, i) => !over.includes(i)),
    );
  }

  #named(op: 'input' | 'state', name: string, shape: Shape, dtype: DType): Node {
    const key = `${op} ${name}`;
    const known = this.#known.get(key);
    if (known && (known.dtype !== dtype || !sameShape(known.shape, shape))) {
      throw new RangeError(`${key} is ${known.dtype} [${known.shape}], not ${dtype} [${shape}]`);
    }
    return this.#make(op, { inputs: [], attributes: { name }, shape, dtype }, key);
  }

  #apply<K extends Op>(op: K, inputs: readonly Node[], attributes: Attributes[K]): Node {
    return this.#make(op, { inputs, attributes });
  }

  #make<K extends Op>(op: K, request: Request<K>, name?: string): Node {
    const ids = request.inputs.map((input) => input.id).join();
    const key = name ?? `${op} ${ids} ${JSON.stringify(request.attributes)} [${request.shape ?? ''}]`;
    const known = this.#known.get(key);
    if (known) return known;
    const { shape, dtype } = SHAPES[op](request);
    const { inputs, attributes } = request;
    const node = { id: this.#nodes.length, op, inputs, attributes, shape, dtype } as Node;
    this.#nodes.push(node);
    this.#known.set(key, node);
    return node;
  }
}

function positive(axis: number, x: Node): number {
  return axis < 0 ? axis + x.shape.length : axis;
}
