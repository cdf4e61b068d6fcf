// Collects the nodes of a TensorFlow graph under unique names, equal ones once: programs that differ in name only (for
// instance for several chunks of one batch) come to the same nodes, and TensorFlow prepares them once.
import type { Shape, TypedArray } from '../graph/types.ts';
import type { Attribute, NodeDef, TensorFlowType } from './proto.ts';

/** A tensor of the TensorFlow graph: `node` (its first output) or `node:output`. */
export type Ref = string;

/** Waits for a node without taking a value from it. */
export const after = (ref: Ref): Ref => `^${ref}`;

type Attributes = Readonly<Record<string, Attribute>>;

export class NodeList {
  readonly #nodes: NodeDef[] = [];
  readonly #known = new Map<string, Ref>();

  get nodes(): readonly NodeDef[] {
    return this.#nodes;
  }

  /** Adds a node, or finds an equal one. Returns its first output; the others are `ref:1`, `ref:2`, ... */
  add(op: string, inputs: readonly Ref[], attributes: Attributes = {}): Ref {
    return this.#once(JSON.stringify([op, inputs, attributes]), op, inputs, attributes);
  }

  constant(type: TensorFlowType, shape: Shape, data: TypedArray | BigInt64Array): Ref {
    const key = data.length > 4096 ? `Const ${this.#nodes.length}` : `${type} [${shape}] ${data.join()}`;
    return this.#once(key, 'Const', [], { dtype: { type }, value: { tensor: { type, shape, data } } });
  }

  #once(key: string, op: string, inputs: readonly Ref[], attributes: Attributes): Ref {
    const known = this.#known.get(key);
    if (known) return known;
    const name = `${op}_${this.#nodes.length}`;
    this.#nodes.push({ name, op, inputs, attributes });
    this.#known.set(key, name);
    return name;
  }

  /** A list of axes, or a shape. */
  integers(values: readonly number[]): Ref {
    return this.constant('int32', [values.length], Int32Array.from(values));
  }

  integer(value: number): Ref {
    return this.constant('int32', [], Int32Array.of(value));
  }

  number(value: number): Ref {
    return this.constant('float32', [], Float32Array.of(value));
  }

  zeros(shape: Shape): Ref {
    return this.add('Fill', [this.integers(shape), this.number(0)], {
      T: { type: 'float32' },
      index_type: { type: 'int32' },
    });
  }

  /** Booleans as 1 and 0. */
  toFloat(x: Ref): Ref {
    return this.add('Cast', [x], { SrcT: { type: 'bool' }, DstT: { type: 'float32' } });
  }

  reshape(x: Ref, shape: Shape, type: TensorFlowType = 'float32'): Ref {
    return this.add('Reshape', [x, this.integers(shape)], { T: { type }, Tshape: { type: 'int32' } });
  }

  concat(parts: readonly Ref[], axis: number, type: TensorFlowType = 'float32'): Ref {
    if (parts.length === 1) return parts[0]!; // TensorFlow wants two
    const attributes: Attributes = { N: { int: parts.length }, T: { type }, Tidx: { type: 'int32' } };
    return this.add('ConcatV2', [...parts, this.integer(axis)], attributes);
  }

  /** Elements [start, start + shape[axis]) of an axis; `shape` is that of the result. */
  slice(x: Ref, axis: number, start: number, shape: Shape, type: TensorFlowType = 'float32'): Ref {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    return this.add('Slice', [x, this.integers(begin), this.integers(shape)], {
      T: { type },
      Index: { type: 'int32' },
    });
  }

  sum(a: Ref, b: Ref): Ref {
    return this.add('AddV2', [a, b], { T: { type: 'float32' } });
  }
  sub(a: Ref, b: Ref): Ref {
    return this.add('Sub', [a, b], { T: { type: 'float32' } });
  }
  mul(a: Ref, b: Ref): Ref {
    return this.add('Mul', [a, b], { T: { type: 'float32' } });
  }

  /** Of two matrices. */
  matMul(a: Ref, b: Ref, transposed?: 'first' | 'second'): Ref {
    const attributes: Attributes = {
      transpose_a: { bool: transposed === 'first' },
      transpose_b: { bool: transposed === 'second' },
    };
    return this.add('MatMul', [a, b], { T: { type: 'float32' }, ...attributes });
  }

  reduce(op: 'Sum' | 'Max', x: Ref, axes: readonly number[], keepAxes: boolean): Ref {
    return this.add(op, [x, this.integers(axes)], {
      T: { type: 'float32' },
      Tidx: { type: 'int32' },
      keep_dims: { bool: keepAxes },
    });
  }

  /** The slices along the first axis. */
  unpack(x: Ref, count: number): Ref[] {
    const unpacked = this.add('Unpack', [x], { T: { type: 'float32' }, num: { int: count }, axis: { int: 0 } });
    return Array.from({ length: count }, (_, i) => `${unpacked}:${i}`);
  }
}
