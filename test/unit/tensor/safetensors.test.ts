// Weights on disk: what is written is read back, and every damage gets one clear message.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensors, readSafetensorsFile, safetensorsParts } from '../../../server/tensor/safetensors.ts';
import { InputError } from '../../../server/text/types.ts';

const STATE = {
  'out.weight': { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 1e-30, Number.POSITIVE_INFINITY, -0) },
  'out.bias': { shape: [1], data: Float32Array.of(7) },
  empty: { shape: [0, 4], data: new Float32Array() },
  scalar: { shape: [], data: Float32Array.of(0.1) },
  'ቃላት.😀': { shape: [2], data: Float32Array.of(1, 2) },
};

const write = (state: Parameters<typeof safetensorsParts>[0]) => Buffer.concat(safetensorsParts(state));

/** A file with this header and so many bytes of data. */
function file(header: unknown, dataBytes: number, headerLength?: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength ?? json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

const tensor = (shape: number[], from: number, to: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

const folder = mkdtempSync(join(tmpdir(), 'crosstag-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('safetensors', () => {
  it('goes to a file and comes back piece by piece, without a copy of the whole', async () => {
    const parts = safetensorsParts(STATE);
    expect(parts.some(({ buffer }) => buffer === STATE['out.weight'].data.buffer)).toBe(true);
    const bytes = Buffer.concat(parts);
    const path = join(folder, 'whole');
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await readSafetensorsFile(path)).toEqual({ state: STATE, sha256 });
  });

  it('refuses a damaged file with the message of damaged bytes', async () => {
    const bytes = write(STATE);
    const path = join(folder, 'damaged');
    for (const length of [0, 5, 8, 100, bytes.length - 1]) {
      const damaged = bytes.subarray(0, length);
      writeFileSync(path, damaged);
      const { message } = (await readSafetensorsFile(path).catch((error: Error) => error)) as Error;
      expect(() => readSafetensors(damaged, path)).toThrow(message);
    }
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(3)]));
    await expect(readSafetensorsFile(path)).rejects.toThrow(/3 bytes after its last tensor/);
  });

  it('reads what it wrote', () => {
    expect(readSafetensors(write(STATE), 'w')).toEqual(STATE);
  });

  it('writes the same bytes whatever the order of the names, aligned to 8', () => {
    const reversed = Object.fromEntries(Object.entries(STATE).reverse());
    const bytes = write(STATE);
    expect(write(reversed)).toEqual(bytes);
    expect(bytes.readBigUInt64LE() % 8n).toBe(0n);
  });

  it('reads other writers: metadata, no padding, data at an odd place of a buffer', () => {
    const bytes = file({ __metadata__: { format: 'pt' }, a: tensor([2], 0, 8) }, 8);
    bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), bytes.length - 8);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(readSafetensors(shifted.subarray(1), 'w')).toEqual({ a: { shape: [2], data: Float32Array.of(1.5, -2) } });
  });

  it('notices every truncation', () => {
    const bytes = write(STATE);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length), 'w')).toThrow(InputError);
    }
  });

  it.each([
    ['too short', Buffer.from('abc'), 'it has 3 bytes'],
    ['a text', Buffer.from('This is a text and no weights.'), 'its header would be too long'],
    ['not JSON', file('{"a": ', 0), 'its header is not JSON'],
    ['bytes that are not UTF-8', file('', 0).subarray(0, 0), 'it has 0 bytes'],
    ['no object', file([1], 0), 'its header is not an object'],
    ['metadata that is no map', file({ __metadata__: 3 }, 0), 'is not a map of texts'],
    ['no offsets', file({ a: { dtype: 'F32', shape: [1] } }, 4), 'wrong at data_offsets'],
    ['a negative shape', file({ a: tensor([-1], 0, 4) }, 4), 'wrong at shape.0'],
    ['an unknown field', file({ a: { ...tensor([1], 0, 4), code: 'x' } }, 4), 'the tensor "a" is wrong'],
    ['an unknown type', file({ a: tensor([1], 0, 4, 'F99') }, 4), 'the unknown type "F99"'],
    ['another type', file({ a: tensor([2], 0, 4, 'BF16') }, 4), 'holds BF16'],
    ['a gap', file({ a: tensor([1], 4, 8) }, 8), 'does not begin where the one before it ends'],
    ['an overlap', file({ a: tensor([2], 0, 8), b: tensor([1], 4, 8) }, 8), 'does not begin where'],
    ['a shape that does not fit', file({ a: tensor([3], 0, 8) }, 8), 'do not fit its shape [3]'],
    ['a shape beyond all numbers', file({ a: tensor([2 ** 52, 2 ** 52], 0, 8) }, 8), 'do not fit its shape'],
    ['offsets after the end', file({ a: tensor([4], 0, 16) }, 8), 'ends after the file'],
    ['bytes left over', file({ a: tensor([1], 0, 4) }, 9), '5 bytes after its last tensor'],
    ['a header longer than the file', file({}, 0, 1000), 'the file is truncated'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'model/weights.safetensors')).toThrow(InputError);
    expect(() => readSafetensors(bytes, 'model/weights.safetensors')).toThrow(message);
    expect(() => readSafetensors(bytes, 'model/weights.safetensors')).toThrow(
      /^model\/weights\.safetensors: .*; restore/,
    );
  });
});
