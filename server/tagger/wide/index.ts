// The door of the wide tagger: discrete features of words and their neighbours, straight to the tags.
export type { Offset } from './likelihood.ts';
export { WideModel } from './model.ts';
export { type Segment, segmentsOf } from './problem.ts';
export { type TrainedCorrection, trainCorrection, trainWide, type WideOptions, type WideProgress } from './train.ts';
