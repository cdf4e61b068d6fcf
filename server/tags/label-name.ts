// What a label may be called, so that every format can hold it and read it again.

/** One word; neither what other cells mean by `O` and `_`, nor what begins like the tag of a token in a span. */
export const LABEL_NAME = /^(?!(?:O|_)$|[BIOESLU]-)\S+$/;

/** What is wrong with a label that `LABEL_NAME` does not take, and what to do. */
export const BAD_LABEL =
  'this cannot be a label: write one word, such as CLAN or CREATIVE_WORK, without B- or I- before it; O and _ are taken';
