// Weights as safetensors (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, the data.
// Nothing in such a file is executed; everything in it is checked.
import { endianness } from 'node:os';
import { z } from 'zod';
import { InputError } from '../text/types.ts';
import type { State, StateTensor } from './engine.ts';
import { sizeOf } from './graph/types.ts';

const LENGTH_BYTES = 8;
/** The format's own limit. */
const LARGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';
/** Bytes of an element of every type that the format knows. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

/** The bytes of a file with these tensors, sorted by name: the same state gives the same bytes. */
export function writeSafetensors(state: State): Uint8Array {
  const tensors = Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1));
  const header: Record<string, z.infer<typeof entrySchema>> = {};
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA || sizeOf(shape) !== data.length)
      throw new RangeError(`${name}: ${data.length} for [${shape}]`);
    header[name] = { dtype: 'F32', shape: [...shape], data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // padded with blanks, so that the data are aligned
  const bytes = Buffer.alloc(LENGTH_BYTES + headerLength + end, ' ');
  bytes.writeBigUInt64LE(BigInt(headerLength));
  json.copy(bytes, LENGTH_BYTES);
  for (const [name, { data }] of tensors) {
    const at = LENGTH_BYTES + headerLength + header[name]!.data_offsets[0];
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(bytes, at);
    littleEndian(bytes.subarray(at, at + data.byteLength));
  }
  return bytes;
}

/**
 * The tensors of a file, copied out of it.
 * @param path for messages
 * @throws InputError when the file is truncated, damaged or not of this kind, or holds other numbers than F32
 */
export function readSafetensors(bytes: Uint8Array, path: string): State {
  const fail = (what: string): never => {
    throw new InputError(what, 'restore the file or train the model again', { path });
  };
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < LENGTH_BYTES) fail(`this is not a safetensors file: it has ${file.length} bytes`);
  const headerLength = file.readBigUInt64LE();
  if (headerLength > BigInt(LARGEST_HEADER)) fail('this is not a safetensors file: its header would be too long');
  const start = LENGTH_BYTES + Number(headerLength);
  if (start > file.length) fail(`the file is truncated: its header should end at byte ${start} of ${file.length}`);
  const header = parseHeader(file.subarray(LENGTH_BYTES, start), fail);

  const data = file.subarray(start);
  const state: Record<string, StateTensor> = {};
  let end = 0;
  const entries = [...header].sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries) {
    const width = ELEMENT_BYTES[dtype];
    if (width === undefined) fail(`the tensor ${show(name)} has the unknown type ${show(dtype)}`);
    if (offsets[0] !== end) fail(`the tensor ${show(name)} does not begin where the one before it ends`);
    if (offsets[1] - offsets[0] !== sizeOf(shape) * width!) {
      fail(`the tensor ${show(name)} has ${offsets[1] - offsets[0]} bytes, which do not fit its shape [${shape}]`);
    }
    if (offsets[1] > data.length) fail(`the file is truncated: the tensor ${show(name)} ends after the file`);
    if (dtype !== 'F32') fail(`the tensor ${show(name)} holds ${dtype}; Crosstag's weights are F32`);
    const copy = new Uint8Array(data.subarray(offsets[0], offsets[1]));
    littleEndian(Buffer.from(copy.buffer));
    state[name] = { shape, data: new Float32Array(copy.buffer) };
    end = offsets[1];
  }
  if (end !== data.length) fail(`the file has ${data.length - end} bytes after its last tensor`);
  return state;
}

type Entry = z.infer<typeof entrySchema>;

function parseHeader(bytes: Uint8Array, fail: (what: string) => never): Map<string, Entry> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('this is not a safetensors file: its header is not JSON');
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) return fail('this is not a safetensors file: its header is not an object');
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header.data)) {
    if (name === METADATA) {
      if (!metadataSchema.safeParse(value).success) fail(`the header's ${METADATA} is not a map of texts`);
      continue;
    }
    const entry = entrySchema.safeParse(value);
    if (!entry.success) {
      const [issue] = entry.error.issues;
      return fail(
        `the header of the tensor ${show(name)} is wrong at ${issue!.path.join('.') || 'its top'}: ${issue!.message}`,
      );
    }
    entries.set(name, entry.data);
  }
  return entries;
}

/** A name from a file, safe to show. */
function show(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

/** Exchanges the bytes of 4-byte numbers, in place, on a machine that needs it. */
function littleEndian(bytes: Buffer): void {
  if (endianness() === 'BE') bytes.swap32();
}
