// What a tagger is to the rest of the house: sentences of words in, tags with probabilities out.
import type { Scheme, Span } from '../tags/index.ts';
import type { Task } from '../text/types.ts';

/** The parts whose scores add up under the CRF. */
export type Parts = 'wide' | 'deep' | 'both';

/** A sentence to learn from: one tag a token, in the model's scheme; undefined where nobody has decided. */
export interface LabelledSentence {
  readonly words: readonly string[];
  readonly tags: readonly (string | undefined)[];
}

/** A span of tokens [start, end) with its probability (the product of its tokens' conditional marginals, 0 to 1). */
export interface ScoredSpan extends Span {
  readonly score: number;
}

/** The answer for one sentence. */
export interface TaggedSentence {
  /** The best path. */
  readonly tags: readonly string[];
  /** Probability of each tag, row by row: [time, tags]; empty unless asked for. */
  readonly marginals: Float32Array;
  /** The spans of the best path (NER), each with its probability; empty for POS and unless marginals are asked for. */
  readonly spans: readonly ScoredSpan[];
  /** The n best paths with their probabilities, best first; empty unless asked for. */
  readonly nbest: readonly { readonly tags: readonly string[]; readonly probability: number }[];
}

export interface TagOptions {
  readonly marginals?: boolean;
  readonly nbest?: number;
  readonly signal?: AbortSignal;
}

/** A trained model, loaded. */
export interface Tagger {
  readonly task: Task;
  /** Scheme of `tags` (`bio` for NER, `pos` for POS). */
  readonly scheme: Scheme;
  /** All tags in the order of the marginals' columns. */
  readonly tags: readonly string[];
  /** Tags sentences in one go; batches and buckets are the tagger's business. */
  tag(sentences: readonly (readonly string[])[], options?: TagOptions): Promise<TaggedSentence[]>;
  dispose(): Promise<void>;
}
