// Weights as safetensors (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, the data.
// Nothing in such a file is executed; everything in it is checked.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { z } from 'zod';
import { InputError } from '../text/types.ts';
import type { State, StateTensor } from './engine.ts';
import { sizeOf } from './graph/types.ts';

const LENGTH_BYTES = 8;
/** The format's own limit. */
const LARGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';
/** Files have the low byte first. */
const IS_LITTLE = endianness() === 'LE';
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

/**
 * The bytes of a safetensors file, in pieces: a state of gigabytes goes to the disk without a copy of it. The pieces are the
 * state's own memory, so that it must not change until they are written. The same state gives the same bytes.
 */
export function safetensorsParts(state: State): Uint8Array[] {
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
  const head = Buffer.alloc(LENGTH_BYTES + headerLength, ' ');
  head.writeBigUInt64LE(BigInt(headerLength));
  json.copy(head, LENGTH_BYTES);
  const inFile = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array => {
    const own = new Uint8Array(buffer, byteOffset, byteLength);
    return IS_LITTLE ? own : Buffer.from(own).swap32();
  };
  return [head, ...tensors.map(([, { data }]) => inFile(data))];
}

/**
 * The tensors of a file, copied out of it.
 * @param path for messages
 * @throws InputError when the file is truncated, damaged or not of this kind, or holds other numbers than F32
 */
export function readSafetensors(bytes: Uint8Array, path: string): State {
  const fail = failure(path);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = headerEnd(file.subarray(0, LENGTH_BYTES), file.length, fail);
  const places = placesIn(file.subarray(LENGTH_BYTES, start), file.length - start, fail);
  const state: Record<string, StateTensor> = {};
  for (const { name, shape, from, to } of places) {
    state[name] = { shape, data: fromFile(new Uint8Array(file.subarray(start + from, start + to))) };
  }
  return state;
}

/** Bytes that are read in one call: the system gives no more than 2 GB, and a file may be larger. */
const PIECE = 64 * 1024 * 1024;

/**
 * The same from a file of any size, which is never in the memory beside its tensors.
 * @returns with the tensors, SHA-256 of the file, lower-case hex
 * @throws InputError as `readSafetensors` does; the system's error where the file cannot be read
 */
export async function readSafetensorsFile(path: string): Promise<{ readonly state: State; readonly sha256: string }> {
  const fail = failure(path);
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    const next = async (length: number): Promise<Uint8Array<ArrayBuffer>> => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const { bytesRead } = await file.read(bytes, at, Math.min(PIECE, length - at));
        if (bytesRead === 0) fail(`the file is truncated: it ended ${length - at} bytes early while it was read`);
        at += bytesRead;
      }
      hash.update(bytes);
      return bytes;
    };
    const start = headerEnd(Buffer.from(await next(Math.min(LENGTH_BYTES, size))), size, fail);
    const header = await next(start - LENGTH_BYTES);
    const state: Record<string, StateTensor> = {};
    for (const { name, shape, from, to } of placesIn(header, size - start, fail)) {
      state[name] = { shape, data: fromFile(await next(to - from)) };
    }
    return { state, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

type Fail = (what: string) => never;

const failure =
  (path: string): Fail =>
  (what) => {
    throw new InputError(what, 'restore the file or train the model again', { path });
  };

/** Where the header ends and the data begin, in bytes. @param size of the whole file */
function headerEnd(first: Buffer, size: number, fail: Fail): number {
  if (first.length < LENGTH_BYTES) fail(`this is not a safetensors file: it has ${size} bytes`);
  const length = first.readBigUInt64LE();
  if (length > BigInt(LARGEST_HEADER)) fail('this is not a safetensors file: its header would be too long');
  const end = LENGTH_BYTES + Number(length);
  if (end > size) fail(`the file is truncated: its header should end at byte ${end} of ${size}`);
  return end;
}

/** A tensor and its bytes [from, to) of the data. */
interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** The tensors in the order of their bytes, which must fill the data. @param size bytes of the data */
function placesIn(header: Uint8Array, size: number, fail: Fail): Place[] {
  let end = 0;
  const entries = [...parseHeader(header, fail)].sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  const places = entries.map(([name, { dtype, shape, data_offsets: offsets }]): Place => {
    const width = ELEMENT_BYTES[dtype];
    if (width === undefined) fail(`the tensor ${show(name)} has the unknown type ${show(dtype)}`);
    if (offsets[0] !== end) fail(`the tensor ${show(name)} does not begin where the one before it ends`);
    if (offsets[1] - offsets[0] !== sizeOf(shape) * width!) {
      fail(`the tensor ${show(name)} has ${offsets[1] - offsets[0]} bytes, which do not fit its shape [${shape}]`);
    }
    if (offsets[1] > size) fail(`the file is truncated: the tensor ${show(name)} ends after the file`);
    if (dtype !== 'F32') fail(`the tensor ${show(name)} holds ${dtype}; Crosstag's weights are F32`);
    end = offsets[1];
    return { name, shape, from: offsets[0], to: offsets[1] };
  });
  if (end !== size) fail(`the file has ${size - end} bytes after its last tensor`);
  return places;
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

/** Numbers of a file, in the memory that their bytes were read into. */
function fromFile(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  if (!IS_LITTLE) Buffer.from(bytes.buffer).swap32();
  return new Float32Array(bytes.buffer);
}
