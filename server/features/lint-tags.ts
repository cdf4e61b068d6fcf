// Tags that cannot stand where they stand, sentence by sentence.
import { illegalTags, labelOf, type Scheme, tagSetOf } from '../tags/index.ts';
import type { Finding, Format, Sentence } from '../text/types.ts';

/** A finding inside a sentence: offsets relative to it, so that it survives edits elsewhere. */
export interface SentenceFinding {
  readonly code: string;
  readonly severity: Finding['severity'];
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** The labels that repair it, written from token `token` on. */
  readonly repair?: {
    readonly title: string;
    readonly token: number;
    readonly labels: readonly (string | undefined)[];
  };
}

/** The part-of-speech tags of Universal Dependencies, which CoNLL-U prescribes (universaldependencies.org/u/pos). */
const UPOS = new Set('ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X'.split(' '));

/** Illegal transitions and unknown tags of one sentence in the scheme of its file. Undecided tokens are skipped. */
export function lintTags(sentence: Sentence, scheme: Scheme, format: Format): readonly SentenceFinding[] {
  if (scheme === 'pos') return format === 'conllu' ? unknownParts(sentence) : [];
  return illegalTags(tagsOfSentence(sentence), scheme).map(({ index, reason, repaired }) => {
    const token = sentence.tokens[index]!;
    const known = tagSetOf([labelOf(token.label) ?? ''], scheme).includes(token.label!);
    return {
      code: known ? 'tags.illegal-transition' : 'tags.unknown-tag',
      severity: known ? 'warning' : 'error',
      message: `${reason}; write ${repaired}`,
      start: token.labelStart,
      end: token.labelEnd,
      repair: { title: `Change ${token.label} to ${repaired}`, token: index, labels: [repaired] },
    };
  });
}

/** The tags of a sentence; none where it has none, so that raw text is not cut into words for nothing. */
export function tagsOfSentence(sentence: Sentence): (string | undefined)[] {
  return sentence.unlabelled ? [] : sentence.tokens.map((token) => token.label);
}

function unknownParts(sentence: Sentence): readonly SentenceFinding[] {
  return sentence.tokens.flatMap(({ label, labelStart, labelEnd }): SentenceFinding[] => {
    if (label === undefined || UPOS.has(label)) return [];
    const upper = label.toUpperCase();
    const hint = UPOS.has(upper) ? `write ${upper}` : `use one of ${[...UPOS].join(' ')}`;
    const message = `${label} is no part of speech of Universal Dependencies; ${hint}`;
    return [{ code: 'tags.unknown-tag', severity: 'error', message, start: labelStart, end: labelEnd }];
  });
}
