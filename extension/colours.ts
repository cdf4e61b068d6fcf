// The colour of a label: the same in every file and session.

/** Number of colours that package.json contributes as `crosstag.label1`, `crosstag.label1Background`, ... */
export const COLOURS = 12;

/** Names that many corpora share keep well-known places; the colour descriptions in package.nls.json name them. */
const WELL_KNOWN: Readonly<Record<string, number>> = {
  ...{ PER: 1, PERSON: 1, ORG: 2, ORGANIZATION: 2, LOC: 3, LOCATION: 3, GPE: 3, MISC: 4, DATE: 5, TIME: 5 },
  ...{ NOUN: 1, ADJ: 2, VERB: 3, DET: 4, ADP: 5, NUM: 6, INTJ: 6, ADV: 7, PRON: 8, AUX: 9, PROPN: 10 },
  ...{ PUNCT: 11, SYM: 11, X: 11, CCONJ: 12, SCONJ: 12, PART: 12 },
};

/** Number of the colour of a label, 1 to `COLOURS`: a well-known one, else one that its name decides (FNV-1a). */
export function colourOf(label: string): number {
  const known = WELL_KNOWN[label.toUpperCase()];
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(label)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash % COLOURS) + 1;
}
