// What an encoder that is made up for a test says of one layer alone.

/** [time, 2 * layers * hidden] -> [time, 2 * hidden]; as it is where no layer is named. */
export function oneLayer(
  rows: Float32Array,
  { layers, hidden }: { readonly layers: number; readonly hidden: number },
  layer: number | undefined,
): Float32Array {
  if (layer === undefined) return rows;
  const width = 2 * layers * hidden;
  const time = rows.length / width;
  const out = new Float32Array(time * 2 * hidden);
  for (let t = 0; t < time; t++) {
    const forward = t * width + layer * hidden;
    const backward = forward + layers * hidden;
    out.set(rows.subarray(forward, forward + hidden), t * 2 * hidden);
    out.set(rows.subarray(backward, backward + hidden), (2 * t + 1) * hidden);
  }
  return out;
}
