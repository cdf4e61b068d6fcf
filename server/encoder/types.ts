// What an encoder and its pre-training are to the rest of the house.
import type { AlignmentConfig, EncoderConfig } from './config.ts';
import type { LanguageList } from './pairs.ts';

/** The door of the tagger to any encoder: words of a sentence in, states of every layer out, one vector a word. */
export interface Encoder {
  /** Languages that it was trained on (BCP 47 as the user wrote them). */
  readonly languages: readonly string[];
  /** State tensors a direction: layers + 1. */
  readonly layers: number;
  /** Channels a direction. */
  readonly hidden: number;
  /** SHA-256 of weights and vocabularies, lower-case hex: what a feature depends on besides the words and the language. */
  readonly fingerprint: string;
  /**
   * States of each sentence: [time, 2 * layers * hidden], a row = forward layers 0 to L, then backward layers 0 to L; of one layer
   * alone, [time, 2 * hidden], without the work of those above it. The same alone and in any batch. Words are lower-cased by the
   * encoder itself if it was trained so.
   * @param pause called between runs of the engine
   * @param layer the only one that is wanted
   * @throws InputError for a language that the encoder does not know, naming those that it knows
   */
  states(
    sentences: readonly (readonly string[])[],
    language: string,
    pause: () => Promise<void>,
    layer?: number,
  ): Promise<Float32Array[]>;
  /** Whether the language's vocabulary holds this word (after lower-casing): how much of a text the encoder knows. */
  knows(word: string, language: string): boolean;
  /** Place of a word in the language's vocabulary, the most frequent first; Infinity where it is not there. */
  rank(word: string, language: string): number;
  dispose(): Promise<void>;
}

/**
 * What pulls the languages together: the four of the paper (spec section 6); `iden_avl`, ours: identical strings and average
 * linkage; `none`: language models side by side.
 */
export const TEMPLATES = ['emb_iden', 'layer_mv', 'layer_avl', 'winit_layer_avl', 'iden_avl', 'none'] as const;
export type Template = (typeof TEMPLATES)[number];

export const SIZES = ['tiny', 'small', 'base', 'paper'] as const;
export type Size = (typeof SIZES)[number];

/** Perplexity a token, full softmax, by direction. */
export interface Perplexity {
  readonly forward: number;
  readonly backward: number;
}

export interface PretrainOptions {
  /** Two or more, each of its own language; `weight`: how often its language-model loss counts, default 1. */
  readonly texts: readonly { readonly language: string; readonly path: string; readonly weight?: number }[];
  /** The encoder's folder. An older encoder there is replaced when the new one is whole. */
  readonly out: string;
  readonly template: Template;
  readonly size: Size;
  /** Word lists, one of any two languages: one pair a line, `source target`. */
  readonly pairs?: readonly LanguageList[];
  readonly vectors?: readonly { readonly language: string; readonly path: string }[];
  /** Whichever is reached first; without any, the size's own number of steps. */
  readonly limits: { readonly steps?: number; readonly minutes?: number };
  /** Sizes and rates that differ from those of `size`, weights that differ from those of `template`. */
  readonly config?: Partial<Omit<EncoderConfig, 'alignment'>>;
  readonly alignment?: Partial<AlignmentConfig>;
  /** What an interrupted run has learnt becomes the encoder: no step more, and the texts are not read. */
  readonly finish?: boolean;
  /** An interrupted run that has trained for so many seconds is not taken up: the first checkpoint of this one takes its place. */
  readonly discard?: number;
  /** Folder of an encoder, `out` or another one, that is trained further (fresh moments) where no interrupted run is found. */
  readonly from?: string;
  /** Default 1. */
  readonly seed?: number;
  /** Default: cores - 1. */
  readonly threads?: number;
  /** Name of the tensor engine; default `auto`. */
  readonly engine?: string;
  /** Called often; must be quick. */
  readonly progress?: (progress: PretrainProgress) => void;
  /** What the user should know and what is no error: lines of a text that are not learnt, memory that is short. */
  readonly warn?: (message: string) => void;
  /** What is good to know: how much memory is needed. */
  readonly note?: (message: string) => void;
  /** Ends the training between two steps; what was learnt stays in `<out>.training` and is resumed next time. */
  readonly signal?: AbortSignal;
}

export interface PretrainProgress {
  readonly phase: 'vocabulary' | 'read' | 'train' | 'evaluate' | 'save';
  /** Share of the texts whose words are counted, from 0 to 1: less than 1 in the phase `vocabulary` alone. */
  readonly counted: number;
  readonly step: number;
  /** Of the whole training; 0 where that is not known. */
  readonly steps: number;
  /** Words of all languages, passed over so far; in the phase `vocabulary`, counted. */
  readonly words: number;
  /** Words/s; 0 before it is known. */
  readonly rate: number;
  /** Seconds of training, interrupted runs included. */
  readonly seconds: number;
  /** Seconds left of the phase; undefined before it is known. */
  readonly eta: number | undefined;
  /** By language: the newest evaluation; undefined before the first. */
  readonly perplexity: Readonly<Record<string, Perplexity>> | undefined;
  /** Alignment losses of the last steps by name (`average linkage`, `mean and variance`, `identical strings`, `word list`). */
  readonly alignment: Readonly<Record<string, number>>;
}

export interface PretrainReport {
  readonly folder: string;
  /** Of all runs, and of the trainings that it goes on from; so are words and seconds. */
  readonly steps: number;
  /** Words of all languages, passed over. */
  readonly words: number;
  /** Of this run. */
  readonly wordsPerSecond: number;
  readonly seconds: number;
  readonly perplexity: Readonly<Record<string, Perplexity>>;
  readonly alignment: Readonly<Record<string, number>>;
  readonly resumed: boolean;
  readonly stopped: 'steps' | 'minutes' | 'finish';
}
