// What is known of a sentence that nobody has labelled, and what is made of it: which labels would teach the model most.
import type { ScoredSpan } from '../../tagger/index.ts';
import type { STRATEGIES, UNITS } from '../../workspace/project-schema.ts';

export type Unit = (typeof UNITS)[number];
export type Strategy = (typeof STRATEGIES)[number];

/** What a strategy goes by; `mixed` takes that of another one, by the unit. */
export type Measure = Exclude<Strategy, 'random' | 'mixed'>;

/** A place where the model is in doubt: tokens [start, end). */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** What the model takes it for; undefined: for nothing. */
  readonly label: string | undefined;
  /** Probability that this is right, 0 to 1. */
  readonly score: number;
}

/** What a model says of one sentence, as far as choosing asks for it. Plain data, which travels between processes. */
export interface Measures {
  /** The best path. */
  readonly tags: readonly string[];
  /** Logarithm of the probability of the best path. */
  readonly logProbability: number;
  /** Entropy of the marginals of each token, in nats. */
  readonly entropies: Float32Array;
  /** Marginal probability of the tag that the best path gives each token. */
  readonly confidences: Float32Array;
  /** The spans of the best path; empty for parts of speech. */
  readonly spans: readonly ScoredSpan[];
  /** Expected F1 (parts of speech: accuracy) of the best path, 0 to 1. */
  readonly expectedScore: number;
}

/** A sentence that may be asked for. */
export interface Candidate {
  readonly words: readonly string[];
  /** Undefined: the model has not seen it yet; it comes after all others, by chance. */
  readonly measures: Measures | undefined;
  /** What earlier models said of it: the best path of each. For `committee`. */
  readonly votes?: readonly (readonly string[])[];
  /** Tokens that are decided already; default: none. */
  readonly decided?: readonly boolean[];
}

/** Why something is asked for. */
export interface Reason {
  readonly by: Measure | 'random';
  /** The measure's value: a probability, a log-probability per token (`mnlp`), nats (`entropy`, `committee`); 0 for `random`. */
  readonly value: number;
  /** The place that the model doubts most in what is asked for; undefined where it doubts nothing. */
  readonly doubt: Stretch | undefined;
}

/** Something to ask for: tokens [start, end) of a candidate. */
export interface Choice {
  /** Index of the candidate. */
  readonly candidate: number;
  readonly start: number;
  readonly end: number;
  /** Undecided tokens in it. */
  readonly tokens: number;
  readonly reason: Reason;
}

export interface RankOptions {
  readonly strategy: Strategy;
  readonly unit: Unit;
  /** Tokens to choose, about: the last choice may go beyond it. Default: everything is put in order. */
  readonly budget?: number;
  /** Of what is left to chance. */
  readonly seed: number;
}
