// Writes an ONNX model file (a protobuf). Field numbers: onnx/onnx.proto of ONNX 1.19, opset 17.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Shape } from '../graph/types.ts';

const MODEL = { irVersion: 1, graph: 7, opsetImport: 8 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { name: 1, float: 2, int: 3, string: 4, ints: 8, strings: 9, type: 20 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7, strings: 8 } as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TYPE = { tensorType: 1 } as const;
const TENSOR_TYPE = { elementType: 1, shape: 2 } as const;
const SHAPE = { dimension: 1 } as const;
const DIMENSION = { value: 1 } as const;
const TENSOR = { dimensions: 1, dataType: 2, name: 8, rawData: 9 } as const;

const IR_VERSION = 8;
const OPSET_VERSION = 17;
/** The domain of onnxruntime's own operations. */
export const MICROSOFT = 'com.microsoft';

/** Element types: TensorProto.DataType. */
const ELEMENT = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type Element = keyof typeof ELEMENT;

/** `{ float }` marks a float attribute, because a JavaScript number does not say which it is. */
export type OnnxAttribute = number | string | { readonly float: number } | readonly number[] | readonly string[];

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
}

export interface OnnxValue {
  readonly name: string;
  readonly element: Element;
  readonly shape: Shape;
}

export interface OnnxTensor extends OnnxValue {
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

type Write = (w: BinaryWriter) => void;

function message(w: BinaryWriter, field: number, write: Write): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write(w);
  w.join();
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}

function integer(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value);
}

function attribute(w: BinaryWriter, name: string, value: OnnxAttribute): void {
  const { type } = ATTRIBUTE;
  text(w, ATTRIBUTE.name, name);
  if (typeof value === 'number') {
    integer(w, ATTRIBUTE.int, value);
    integer(w, type, ATTRIBUTE_TYPE.int);
  } else if (typeof value === 'string') {
    text(w, ATTRIBUTE.string, value);
    integer(w, type, ATTRIBUTE_TYPE.string);
  } else if ('float' in value) {
    w.tag(ATTRIBUTE.float, WireType.Bit32).float(value.float);
    integer(w, type, ATTRIBUTE_TYPE.float);
  } else {
    for (const item of value) {
      if (typeof item === 'number') integer(w, ATTRIBUTE.ints, item);
      else text(w, ATTRIBUTE.strings, item);
    }
    integer(w, type, typeof value[0] === 'string' ? ATTRIBUTE_TYPE.strings : ATTRIBUTE_TYPE.ints);
  }
}

function node(w: BinaryWriter, { op, inputs, outputs, attributes, domain }: OnnxNode): void {
  for (const input of inputs) text(w, NODE.input, input);
  for (const output of outputs) text(w, NODE.output, output);
  text(w, NODE.opType, op);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    message(w, NODE.attribute, (a) => attribute(a, name, value));
  }
  if (domain) text(w, NODE.domain, domain);
}

function valueInfo(w: BinaryWriter, { name, element, shape }: OnnxValue): void {
  text(w, VALUE_INFO.name, name);
  message(w, VALUE_INFO.type, (type) =>
    message(type, TYPE.tensorType, (tensorType) => {
      integer(tensorType, TENSOR_TYPE.elementType, ELEMENT[element]);
      message(tensorType, TENSOR_TYPE.shape, (dimensions) => {
        for (const size of shape) message(dimensions, SHAPE.dimension, (d) => integer(d, DIMENSION.value, size));
      });
    }),
  );
}

function tensor(w: BinaryWriter, { name, element, shape, data }: OnnxTensor): void {
  for (const size of shape) integer(w, TENSOR.dimensions, size);
  integer(w, TENSOR.dataType, ELEMENT[element]);
  text(w, TENSOR.name, name);
  w.tag(TENSOR.rawData, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** The bytes of a model file. */
export function encodeModel({ nodes, constants, inputs, outputs }: OnnxGraph): Uint8Array {
  const w = new BinaryWriter();
  integer(w, MODEL.irVersion, IR_VERSION);
  message(w, MODEL.graph, (graph) => {
    for (const n of nodes) message(graph, GRAPH.node, (m) => node(m, n));
    text(graph, GRAPH.name, 'crosstag');
    for (const c of constants) message(graph, GRAPH.initializer, (m) => tensor(m, c));
    for (const v of inputs) message(graph, GRAPH.input, (m) => valueInfo(m, v));
    for (const v of outputs) message(graph, GRAPH.output, (m) => valueInfo(m, v));
  });
  for (const [domain, version] of [
    ['', OPSET_VERSION],
    [MICROSOFT, 1],
  ] as const) {
    message(w, MODEL.opsetImport, (opset) => {
      text(opset, OPSET.domain, domain);
      integer(opset, OPSET.version, version);
    });
  }
  return w.finish();
}
