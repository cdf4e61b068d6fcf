// Features of sentences: what a frozen encoder says about their words, of one layer or of all.
import type { Encoder } from './types.ts';

/** What features are computed with. */
export interface FeatureSource {
  readonly encoder: Encoder;
  /** The only layer that is wanted; undefined: all. */
  readonly layer: number | undefined;
}

/** Channels of a token: of one layer forward, then backward; of all, as `Encoder.states` has them. */
export function featureWidth({ encoder: { layers, hidden }, layer }: FeatureSource): number {
  return 2 * hidden * (layer === undefined ? layers : 1);
}

/** Features of sentences of one language, [time, featureWidth] each. @throws InputError for a foreign language */
export async function featuresOf(
  source: FeatureSource,
  sentences: readonly (readonly string[])[],
  language: string,
  pause: () => Promise<void>,
): Promise<Float32Array[]> {
  const states = await source.encoder.states(sentences, language, pause);
  return source.layer === undefined ? states : states.map((rows) => oneLayer(rows, source.encoder, source.layer!));
}

/** [time, 2 * layers * hidden] -> [time, 2 * hidden] */
function oneLayer(rows: Float32Array, { layers, hidden }: Encoder, layer: number): Float32Array {
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
