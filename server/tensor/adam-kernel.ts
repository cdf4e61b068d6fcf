// One step of Adam in a single pass over the memory, as a WebAssembly program of four numbers at a time. As separate
// operations the same arithmetic reads and writes the memory thirteen times: 11 ns a weight instead of 1.

/** Rates of a step; all arithmetic is in float32, operation by operation as the graph of `adam` has it. */
export interface AdamRates {
  /** What stays of the first moment, and what the gradient adds to it: beta1, 1 - beta1. */
  readonly decay1: number;
  readonly share1: number;
  /** The same of the second moment and the squared gradient: beta2, 1 - beta2. */
  readonly decay2: number;
  readonly share2: number;
  /** Multiplies the gradient. */
  readonly scale: number;
  readonly rate: number;
  readonly epsilon: number;
}

/** Where the numbers of a step stand in an `AdamMemory`: first elements, each a multiple of `LANES`. */
export interface AdamPlaces {
  readonly weight: number;
  readonly first: number;
  readonly second: number;
  readonly gradient: number;
}

/** Numbers that go through at once; arrays in an `AdamMemory` begin at multiples of it. */
export const LANES = 4;

const FLOAT = 4;
const PAGE = 65536;

// Node has it; TypeScript declares it with the browser's types only
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly step: Step } };
};

type Step = (
  ...args: [weight: number, first: number, second: number, gradient: number, bytes: number, ...rates: number[]]
) => void;

/** Memory of a fixed size for arrays that are updated in place. */
export class AdamMemory {
  readonly #buffer: ArrayBuffer;
  readonly #step: Step;

  /** Zeros. @throws RangeError where the system has no address space for it */
  constructor(floats: number) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((floats * FLOAT) / PAGE) });
    this.#buffer = memory.buffer;
    compiled ??= new WebAssembly.Module(encodeKernel());
    this.#step = new WebAssembly.Instance(compiled, { a: { memory } }).exports.step;
  }

  /** Elements [start, start + length). It stays valid as long as the memory. */
  view(start: number, length: number): Float32Array {
    return new Float32Array(this.#buffer, start * FLOAT, length);
  }

  /**
   * g = gradient * scale; m = decay1 * m + share1 * g; v = decay2 * v + share2 * g * g; w -= rate * m / (sqrt(v) + epsilon)
   * @param length of each array; what follows up to a multiple of `LANES` is changed as well
   */
  step({ weight, first, second, gradient }: AdamPlaces, length: number, rates: AdamRates): void {
    if (length === 0) return;
    const { decay1, share1, decay2, share2, scale, rate, epsilon } = rates;
    const starts = [weight * FLOAT, first * FLOAT, second * FLOAT, gradient * FLOAT] as const;
    this.#step(...starts, length * FLOAT, decay1, share1, decay2, share2, scale, rate, epsilon);
  }
}

let compiled: object | undefined;

// The encoder of the one function: https://webassembly.github.io/spec/core/binary/

type Code = readonly number[];

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const LOOP: Code = [0x03, 0x40];
const END: Code = [0x0b];
const BRANCH_TO_LOOP_IF: Code = [0x0d, 0];
const I32_ADD: Code = [0x6a];
const I32_SUB: Code = [0x6b];
const I32_GREATER: Code = [0x4a]; // signed: the bytes that are left may fall below 0
const constant = (value: number): Code => [0x41, value];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];

const vector = (op: number): Code => [0xfd, ...unsigned(op)];
const ALIGNED: Code = [4, 0]; // to 2^4 bytes, offset 0
const LOAD: Code = [...vector(0x00), ...ALIGNED];
const STORE: Code = [...vector(0x0b), ...ALIGNED];
const SPLAT = vector(0x13);
const SQRT = vector(0xe3);
const ADD = vector(0xe4);
const SUB = vector(0xe5);
const MUL = vector(0xe6);
const DIV = vector(0xe7);

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (code: Code): Code => [...unsigned(code.length), ...code];
const name = (text: string): Code => list([...text].map((c) => [c.charCodeAt(0)]));

/** A module that imports `a.memory` and exports `step`. */
function encodeKernel(): Uint8Array<ArrayBuffer> {
  const [weight, first, second, gradient, bytes] = [0, 1, 2, 3, 4] as const;
  const arrays = [weight, first, second, gradient];
  const numbers = [5, 6, 7, 8, 9, 10, 11];
  const [decay1, share1, decay2, share2, scale, rate, epsilon] = [12, 13, 14, 15, 16, 17, 18] as const;
  const spread = [decay1, share1, decay2, share2, scale, rate, epsilon];
  const [g, m, v] = [19, 20, 21] as const;

  const times = (local: number): Code => [...get(local), ...MUL];
  const load = (array: number): Code => [...get(array), ...LOAD];
  const body: Code = [
    ...numbers.flatMap((number, i) => [...get(number), ...SPLAT, ...set(spread[i]!)]),
    ...LOOP,
    ...[...load(gradient), ...times(scale), ...set(g)],
    ...get(first), // where the store goes
    ...[...load(first), ...times(decay1), ...get(g), ...times(share1), ...ADD, ...tee(m)],
    ...STORE,
    ...get(second),
    ...[...load(second), ...times(decay2), ...get(g), ...times(g), ...times(share2), ...ADD, ...tee(v)],
    ...STORE,
    ...get(weight),
    ...[...load(weight), ...get(m), ...times(rate), ...get(v), ...SQRT, ...get(epsilon), ...ADD, ...DIV, ...SUB],
    ...STORE,
    ...arrays.flatMap((array) => [...get(array), ...constant(LANES * FLOAT), ...I32_ADD, ...set(array)]),
    ...[...get(bytes), ...constant(LANES * FLOAT), ...I32_SUB, ...tee(bytes)],
    ...[...constant(0), ...I32_GREATER, ...BRANCH_TO_LOOP_IF],
    ...END,
    ...END,
  ];
  const parameters = [...[...arrays, bytes].map(() => [I32]), ...numbers.map(() => [F32])];
  const locals = list([[spread.length + 3, V128]]);
  const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
    ...[1, 0, 0, 0],
    ...section(1, [[0x60, ...list(parameters), ...list([])]]), // the function's type
    ...section(2, [[...name('a'), ...name('memory'), 2, 0, 0]]), // a memory of 0 pages or more
    ...section(3, [[0]]),
    ...section(7, [[...name('step'), 0, 0]]),
    ...section(10, [sized([...locals, ...body])]),
  ]);
}
