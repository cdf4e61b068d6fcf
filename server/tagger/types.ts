// What a tagger is to the rest of the house: sentences of words in, tags with probabilities out.
import type { CacheOptions } from '../encoder/feature-cache.ts';
import type { WordPair } from '../encoder/pairs.ts';
import type { Scheme, Span } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import type { DeepConfig } from './deep/config.ts';
import type { OpenEncoder } from './encoder.ts';
import type { VectorFile } from './vectors.ts';

/** The parts whose scores add up under the CRF. */
export type Parts = 'wide' | 'deep' | 'both';

/** A sentence to learn from: one tag a token, in the model's scheme; undefined where nobody has decided. */
export interface LabelledSentence {
  readonly words: readonly string[];
  readonly tags: readonly (string | undefined)[];
  /** How many times it counts in the loss, above 0; default 1. Scores on dev do not ask for it. */
  readonly weight?: number;
  /** BCP 47 tag, where it is another than that of the training as a whole. */
  readonly language?: string;
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
  /** Logarithm of the best path's probability; NaN unless marginals are asked for. */
  readonly logProbability: number;
  /** The spans of the best path (NER), each with its probability; empty for POS and unless marginals are asked for. */
  readonly spans: readonly ScoredSpan[];
  /** The n best paths with their probabilities, best first; empty unless asked for. */
  readonly nbest: readonly { readonly tags: readonly string[]; readonly probability: number }[];
}

export interface TagOptions {
  /** BCP 47 tag of the sentences' language; default: the model's (`Tagger.language`). */
  readonly language?: string;
  readonly marginals?: boolean;
  readonly nbest?: number;
  readonly signal?: AbortSignal;
}

export interface LoadOptions {
  /** Name of the tensor engine for the deep part (`auto`, `cpu`, ...); default `auto`. */
  readonly engine?: string;
  /** Default: cores - 1. */
  readonly threads?: number;
  /** Default: `loadEncoder`. */
  readonly openEncoder?: OpenEncoder;
}

/** A trained model, loaded. */
export interface Tagger {
  readonly task: Task;
  /** Scheme of `tags` (`bio` for NER, `pos` for POS). */
  readonly scheme: Scheme;
  /** All tags in the order of the marginals' columns. */
  readonly tags: readonly string[];
  /** Language that text is taken for unless it is said; undefined where the model does not know. */
  readonly language: string | undefined;
  /** Languages that its encoder or word vectors know; empty where it has none and the language does not matter. */
  readonly languages: readonly string[];
  /** Transition scores [tags, tags], from * tags + to. */
  readonly transitions: Float32Array;
  /** Scores of the tags of each token, [time, tags] for each sentence: what the best path is looked for in. Not to be changed. */
  emissions(
    sentences: readonly (readonly string[])[],
    options?: Pick<TagOptions, 'language' | 'signal'>,
  ): Promise<Float32Array[]>;
  /** Tags sentences in one go; batches and buckets are the tagger's business. */
  tag(sentences: readonly (readonly string[])[], options?: TagOptions): Promise<TaggedSentence[]>;
  dispose(): Promise<void>;
}

/** What `trainTagger` needs to know; everything without a `?` must be said. */
export interface TrainOptions {
  readonly task: Task;
  /** Tags in the model's scheme: `bio` for NER, `pos` for POS. */
  readonly train: readonly LabelledSentence[];
  /** Chooses the best checkpoint and the mixture of the parts; without it a seeded tenth of `train` is held out. */
  readonly dev?: readonly LabelledSentence[];
  /**
   * Whether the sentences that choose, `dev` or else `targetDev`, are held back from those to learn from: when they have chosen,
   * the wide part learns them as well. Always so for the tenth of `train`.
   */
  readonly ownDev?: boolean;
  readonly parts: Parts;
  /** The model's folder. An older model there is replaced when the new one is whole. */
  readonly out: string;
  /** BCP 47 tag of the text's language: for the record and, with an encoder, which of its languages it reads. */
  readonly language?: string;
  /** Frozen encoder whose states the deep part reads; `language` must be said then. */
  readonly encoder?: EncoderChoice;
  /** Word vectors, one file for all languages or one for each: the deep part reads them as they are. */
  readonly vectors?: readonly VectorFile[];
  /** Language that the model is for, where that is another one than that of the labels. Default: that of `translate`. */
  readonly target?: string;
  /** Other languages that the model shall tag: what encoder or vectors do not know is refused before anything is learnt. */
  readonly willTag?: readonly string[];
  /** Learns from word by word translations, where the list knows enough words for the encoder (`TrainReport.translation`); the labels stay. */
  readonly translate?: Translation;
  /**
   * Labelled sentences of the target language: they choose a checkpoint and a mixture of their own, beside those that `dev`
   * chooses. Without `dev` they take its place.
   */
  readonly targetDev?: readonly LabelledSentence[];
  /** Folder of a second model, the one that `targetDev` chooses; without it that one is scored and forgotten. */
  readonly targetOut?: string;
  /**
   * False: undecided tokens stay unknown even where hardly any token outside of names is decided (`presumeOutside`), because
   * the caller has seen to it. Default true.
   */
  readonly presume?: boolean;
  readonly wide?: WideChoice;
  /**
   * Folder of a model to start from. Its labels stay among those of the new one, whether the text holds them or not, and the
   * sizes of its deep part are those of the new one.
   */
  readonly start?: string;
  /** Default 1. */
  readonly seed?: number;
  /** Default: cores - 1. */
  readonly threads?: number;
  /** Name of the tensor engine for the deep part (`auto`, `cpu`, ...); default `auto`. */
  readonly engine?: string;
  readonly limits?: {
    readonly epochs?: number;
    /** Minutes of deep training, resumed ones included. A model that this ended depends on the machine's speed. */
    readonly minutes?: number;
  };
  /** Sizes and rates of the deep part that differ from the defaults. */
  readonly deep?: Partial<DeepConfig>;
  /** Seconds between two checkpoints of the deep part; default 30. */
  readonly checkpointSeconds?: number;
  /** Called often; must be quick. */
  readonly progress?: (progress: TrainProgress) => void;
  /** Told of what is odd and no error: a word list that hardly fits, a checkpoint that is damaged or left aside. */
  readonly warn?: (message: string) => void;
  /** Ends training between two steps; what was learnt so far stays in `<out>.training` and is resumed next time. */
  readonly signal?: AbortSignal;
}

/** An encoder and what of it is used. */
export interface EncoderChoice {
  readonly folder: string;
  /** `layer=N` (from 0), `all`, `fws` or `sws` (spec section 7); default: the middle layer. */
  readonly features?: string;
  /** Where its states of the training text are kept between epochs and runs. */
  readonly cache?: CacheOptions;
  /** Default: `loadEncoder`. */
  readonly open?: OpenEncoder;
}

export interface Translation {
  /** Source word (of the labelled text), target word; of several translations the most frequent or else the first counts. */
  readonly pairs: readonly WordPair[];
  /** Language of the target words; default: the other language of the encoder. */
  readonly language?: string;
  /** Learns from the original sentences as well. */
  readonly keep?: boolean;
}

/** What keeps the words of the labels' language from mattering too much for another language. */
export interface WideChoice {
  /** Sentences that the wide part learns from, where they are others than `train`. */
  readonly train?: readonly LabelledSentence[];
  /** Most passes over them; default 100. */
  readonly iterations?: number;
  /** Share of the training tokens whose form is hidden from the wide part, 0 to 1; default 0. */
  readonly hidden?: number;
  /**
   * Dev is scored as the target language sees it: forms that the target's vocabulary in the encoder does not hold are hidden
   * from the wide part. Default true; needs an encoder and a target.
   */
  readonly asTarget?: boolean;
}

export interface TrainProgress {
  /** `encode`: the encoder reads the training text; its steps are sentences. */
  readonly phase: 'encode' | 'wide' | 'deep' | 'mix' | 'save';
  /** From 1; 0 where the phase has none. */
  readonly epoch: number;
  readonly step: number;
  /** Steps of the whole phase if nothing stops it early. */
  readonly steps: number;
  /** Training speed, words/s; 0 before it is known. */
  readonly rate: number;
  /** Best dev score so far (F1 or accuracy, 0 to 100); undefined before the first. */
  readonly dev: number | undefined;
  /** Seconds left if nothing stops it early; undefined before it is known. */
  readonly eta: number | undefined;
}

export interface TrainReport {
  /** The model's folder. */
  readonly folder: string;
  /** Epoch of the checkpoint that was kept; 0 without a deep part. */
  readonly bestEpoch: number;
  /**
   * Score of the whole model on dev: exact-span F1 (NER) or accuracy (POS), 0 to 100. With a target language as that one
   * sees dev (`WideChoice.asTarget`), which is less than a scoring of the same file gives.
   */
  readonly dev: number;
  /** Dev scores of the parts on their own. */
  readonly devOfParts: { readonly wide?: number; readonly deep?: number };
  /** How the parts are mixed: the factors of their scores. */
  readonly mixture: { readonly wide: number; readonly deep: number };
  /** Where `dev` and `targetDev` were given: the score of the model that `dev` chose, and the model that `targetDev` chose. */
  readonly target: TargetReport | undefined;
  /**
   * Share of the words outside of names that the word list knows, 0 to 1, and whether the deep part read translations: not where
   * an encoder reads the text and the list knows less than half of them. Undefined without a list.
   */
  readonly translation: { readonly known: number; readonly used: boolean } | undefined;
  /** Words that training passed over a second, all phases. */
  readonly wordsPerSecond: number;
  readonly seconds: number;
  /** Why deep training ended; undefined without a deep part. */
  readonly stopped: 'patience' | 'epochs' | 'minutes' | undefined;
  /** Training went on from a checkpoint of an interrupted run. */
  readonly resumed: boolean;
}

/** What dev data of the target language say. */
export interface TargetReport {
  /** Score on them of the model in `folder`, which they did not choose. */
  readonly targetDev: number;
  /** The model that they chose. */
  readonly choice: {
    readonly folder: string | undefined;
    readonly bestEpoch: number;
    readonly dev: number;
    readonly targetDev: number;
    readonly mixture: { readonly wide: number; readonly deep: number };
  };
}
