// Numbers of 16 bits (IEEE 754 binary16): half the place of float32 for features, whose differences lie far above its
// rounding (2^-11 of the number).

const LARGEST = 0x7bff;
const NOT_A_NUMBER = 0x7e00;

/** Rounds to the nearest number, ties to even; what is too large becomes the largest one, 65504. */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const x = bits[i]!;
    const size = x & 0x7fffffff;
    let half: number;
    if (size >= 0x477ff000) half = size > 0x7f800000 ? NOT_A_NUMBER : LARGEST;
    else if (size >= 0x38800000) half = (size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13;
    // Below 2^-14 the last bit stands for 2^-24; adding 2^52 rounds to whole ones of it.
    else half = Math.abs(values[i]!) * 2 ** 24 + 2 ** 52 - 2 ** 52;
    out[i] = half | ((x >>> 16) & 0x8000);
  }
  return out;
}

/** What each of the 65536 patterns stands for. */
let meanings: Float32Array | undefined;

export function fromHalf(halves: Uint16Array): Float32Array {
  meanings ??= Float32Array.from({ length: 0x10000 }, (_, half) => meaningOf(half));
  const out = new Float32Array(halves.length);
  for (let i = 0; i < out.length; i++) out[i] = meanings[halves[i]!]!;
  return out;
}

function meaningOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (fraction + 0x400) * 2 ** (exponent - 25));
}
