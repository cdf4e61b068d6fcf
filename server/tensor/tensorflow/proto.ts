// The few messages of TensorFlow's protocol buffers that a SavedModel without checkpoint needs, written field by field.
// Field numbers: tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape,types}.proto and
// tensorflow/core/protobuf/{saved_model,meta_graph}.proto.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { DType, Shape, TypedArray } from '../graph/types.ts';

/** Numbers of `DataType`. */
const DATA_TYPE = { float32: 1, int32: 3, int64: 9, bool: 10 } as const;
export type TensorFlowType = keyof typeof DATA_TYPE;

/** `AttrValue`: one of a few kinds. */
export type Attribute =
  | { readonly type: TensorFlowType }
  | { readonly shape: Shape }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly tensor: Constant };

/** `TensorProto`. The bytes of `data` are the tensor (little-endian, as TensorFlow stores them). */
export interface Constant {
  readonly type: TensorFlowType;
  readonly shape: Shape;
  readonly data: TypedArray | BigInt64Array;
}

/** `NodeDef`. An input is `name`, `name:output`, or `^name` for a node that only has to have run before. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** `TensorInfo`: a tensor of the graph as an input or output of a signature. */
export interface TensorInfo {
  /** `node:output` */
  readonly tensor: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** `SignatureDef`: a way to run the graph. */
export interface Signature {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
}

type Write = (writer: BinaryWriter) => void;

/** Any version of TensorFlow 2: old versions would switch on old behaviour. */
const GRAPH_VERSION = 1000;

/** The bytes of `saved_model.pb`. */
export function encodeSavedModel(
  nodes: readonly NodeDef[],
  signatures: Readonly<Record<string, Signature>>,
): Uint8Array {
  const writer = new BinaryWriter();
  int(writer, 1, 1); // saved_model_schema_version
  message(writer, 2, (metaGraph) => {
    message(metaGraph, 1, (info) => text(info, 4, 'serve')); // tags
    message(metaGraph, 2, (graph) => {
      for (const node of nodes) message(graph, 1, nodeDef(node));
      message(graph, 4, (versions) => int(versions, 1, GRAPH_VERSION));
    });
    for (const [name, signature] of Object.entries(signatures)) entry(metaGraph, 5, name, signatureDef(signature));
  });
  return writer.finish();
}

function nodeDef({ name, op, inputs, attributes }: NodeDef): Write {
  return (writer) => {
    text(writer, 1, name);
    text(writer, 2, op);
    for (const input of inputs) text(writer, 3, input);
    for (const [key, value] of Object.entries(attributes)) entry(writer, 5, key, attrValue(value));
  };
}

function attrValue(value: Attribute): Write {
  return (writer) => {
    if ('text' in value) text(writer, 2, value.text);
    else if ('int' in value) int(writer, 3, value.int);
    else if ('float' in value) writer.tag(4, WireType.Bit32).float(value.float);
    else if ('bool' in value) writer.tag(5, WireType.Varint).bool(value.bool);
    else if ('type' in value) int(writer, 6, DATA_TYPE[value.type]);
    else if ('shape' in value) message(writer, 7, tensorShape(value.shape));
    else message(writer, 8, tensorProto(value.tensor));
  };
}

function tensorProto({ type, shape, data }: Constant): Write {
  return (writer) => {
    int(writer, 1, DATA_TYPE[type]);
    message(writer, 2, tensorShape(shape));
    writer.tag(4, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  };
}

function tensorShape(shape: Shape): Write {
  return (writer) => {
    for (const size of shape) message(writer, 2, (dimension) => int(dimension, 1, size));
  };
}

function signatureDef({ inputs, outputs }: Signature): Write {
  return (writer) => {
    for (const [name, info] of Object.entries(inputs)) entry(writer, 1, name, tensorInfo(info));
    for (const [name, info] of Object.entries(outputs)) entry(writer, 2, name, tensorInfo(info));
    text(writer, 3, 'tensorflow/serving/predict'); // method_name
  };
}

function tensorInfo({ tensor, dtype, shape }: TensorInfo): Write {
  return (writer) => {
    text(writer, 1, tensor);
    int(writer, 2, DATA_TYPE[dtype]);
    message(writer, 3, tensorShape(shape)); // must be there for a scalar too, though it is empty
  };
}

function int(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

/** An entry of a map: a message of key and value. */
function entry(writer: BinaryWriter, field: number, key: string, value: Write): void {
  message(writer, field, (pair) => {
    text(pair, 1, key);
    message(pair, 2, value);
  });
}
