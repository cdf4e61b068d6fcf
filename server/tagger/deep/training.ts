// What a training of the deep part is given and what it gives.
import type { Engine, State } from '../../tensor/index.ts';
import type { LabelledSentence, TrainProgress } from '../types.ts';
import type { DeepConfig } from './config.ts';
import type { SentenceInputs } from './gather.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Labelled sentences that choose a checkpoint. */
export interface Judge {
  readonly sentences: readonly LabelledSentence[];
  readonly inputs: SentenceInputs;
  /** Score (0 to 100) of the sentences' emissions, each [time, tags], under these transitions [tags, tags]. */
  readonly score: (emissions: readonly Float32Array[], transitions: Float32Array) => number;
}

export interface DeepTraining {
  readonly engine: Engine;
  readonly threads: number;
  readonly config: DeepConfig;
  readonly seed: number;
  readonly tags: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly train: readonly LabelledSentence[];
  /** All weights that it starts from; default: drawn from the seed. */
  readonly first?: State | undefined;
  /** What the sentences of `train` bring besides their words. */
  readonly inputs: SentenceInputs;
  /**
   * At least one. Each chooses its checkpoint as if it were alone: training goes on until the patience of all is at its
   * end, but a checkpoint after the end of one's own is none of its choice.
   */
  readonly judges: readonly Judge[];
  /** Longest training, in minutes, interrupted runs included. */
  readonly minutes: number;
  readonly checkpoint: { readonly folder: string; readonly fingerprint: string; readonly seconds: number };
  readonly progress?: ((progress: TrainProgress) => void) | undefined;
  /** Told of a checkpoint that is damaged, where training begins anew, and of one that could not be written. */
  readonly warn?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A checkpoint that a judge has chosen. */
export interface Choice {
  /** `deepShapes` */
  readonly weights: State;
  readonly score: number;
  readonly bestEpoch: number;
}

export interface DeepResult {
  /** By judge. */
  readonly choices: readonly Choice[];
  readonly steps: number;
  /** Words that this process has passed over. */
  readonly words: number;
  readonly stopped: 'patience' | 'epochs' | 'minutes';
  readonly resumed: boolean;
}
