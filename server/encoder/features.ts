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
export function featuresOf(
  source: FeatureSource,
  sentences: readonly (readonly string[])[],
  language: string,
  pause: () => Promise<void>,
): Promise<Float32Array[]> {
  return source.encoder.states(sentences, language, pause, source.layer);
}
