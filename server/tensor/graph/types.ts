// The vocabulary of the static tensor graph: what a node is, and which operations there are with their attributes.

export type DType = 'float32' | 'int32';
export type Shape = readonly number[];
export type TypedArray = Float32Array | Int32Array;

/** Which of the five gradients of an `lstm` an `lstmGradient` node stands for; the first five are its inputs' names. */
export type LstmPart = 'x' | 'forward.weight' | 'forward.bias' | 'backward.weight' | 'backward.bias';

/** No attributes. */
type None = Record<never, never>;

/** Every operation with its attributes. The inputs of each are described in `shapes.ts`, beside its shape rule. */
export interface Attributes {
  /** Fed by the caller with each run. */
  input: { readonly name: string };
  /** A weight or a moment: lives in the engine between runs. */
  state: { readonly name: string };
  constant: { readonly data: TypedArray };

  add: None;
  sub: None;
  mul: None;
  div: None;
  maximum: None;

  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  tanh: None;
  sigmoid: None;
  relu: None;
  /** 1 where the input is above 0, else 0. */
  step: None;

  matMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  sum: { readonly axes: readonly number[] };
  max: { readonly axes: readonly number[] };
  softmax: None;
  logSoftmax: None;
  /** (x - mean) / sqrt(variance + epsilon) over the last axis. */
  normalise: { readonly epsilon: number };
  /** What `normalise` multiplies by: 1 / sqrt(variance + epsilon) of the last axis, which stays as 1. */
  inverseDeviation: { readonly epsilon: number };

  reshape: None;
  transpose: { readonly permutation: readonly number[] };
  broadcast: None;
  concat: { readonly axis: number };
  slice: { readonly axis: number; readonly start: number };
  /** Reverses an axis. */
  reverse: { readonly axis: number };
  where: None;

  gather: None;
  scatterAdd: None;

  /** 1 for time < length, else 0. */
  sequenceMask: None;
  lstm: None;
  lstmGradient: { readonly of: LstmPart };
}

export type Op = keyof Attributes;

/** A node is its one output tensor. Nodes are immutable; `inputs` always have smaller ids. */
export interface NodeOf<K extends Op> {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes[K];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Discriminated by `op`. */
export type Node = { [K in Op]: NodeOf<K> }[Op];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}
