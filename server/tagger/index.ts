// The door of the tagger: train one, load one, look at one.
export { type Adaptation, type AdaptationOptions, trainAdaptation } from './adaptation.ts';
export { AdaptedTagger } from './adapted-tagger.ts';
export type { OpenEncoder } from './encoder.ts';
export { loadTagger } from './load.ts';
export { RememberingTagger } from './memory.ts';
export { hashSentences, readDescription, readModel } from './model.ts';
export type { ModelDescription } from './model-schema.ts';
export { hasNamesAlone, presumeCertain, presumeOutside } from './presumed.ts';
export { checkpointFolder, trainTagger } from './train.ts';
export type {
  EncoderChoice,
  LabelledSentence,
  LoadOptions,
  Parts,
  ScoredSpan,
  TaggedSentence,
  Tagger,
  TagOptions,
  TrainOptions,
  TrainProgress,
  TrainReport,
} from './types.ts';
