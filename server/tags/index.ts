// The door of tags: schemes, spans, legality and scores.
export {
  type Agreement,
  agreement,
  alpha,
  type Disagreement,
  disagreements,
  kappa,
  type Measures,
} from './agreement.ts';
export { formatConlleval } from './conlleval.ts';
export { convertTags } from './convert.ts';
export { type DetectedScheme, detectScheme, type SchemeEvidence } from './detect.ts';
export { differing } from './differing.ts';
export { type Confusion, type Evaluation, evaluate, type Score } from './evaluate.ts';
export { BAD_LABEL, LABEL_NAME } from './label-name.ts';
export { allowedTransitions, type IllegalTag, illegalTags, type Transitions } from './legality.ts';
export { relabel } from './relabel.ts';
export { labelOf, OUTSIDE, SCHEMES, type Scheme, tagSetOf } from './scheme.ts';
export { labelsIn, type Span, spansOf, tagsOf } from './spans.ts';
export { concatenatedTags, cutTags, joinedTags, splitTag } from './structure.ts';
