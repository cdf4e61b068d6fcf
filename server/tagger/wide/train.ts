// Training of the wide tagger: maximum likelihood with L1 and L2 penalties, as CRFsuite trains.
import { setImmediate } from 'node:timers/promises';
import { Random } from '../../tensor/index.ts';
import type { LabelledSentence } from '../types.ts';
import { Likelihood, type Offset } from './likelihood.ts';
import { WideModel } from './model.ts';
import { minimise } from './owlqn.ts';
import { type Problem, problemOf, type Segment } from './problem.ts';

export interface WideProgress {
  /** From 1. */
  readonly iteration: number;
  readonly iterations: number;
  /** Value of the objective, to compare with the one before. */
  readonly loss: number;
  readonly seconds: number;
}

export interface WideOptions {
  /** All tags, in the order of the emissions' columns. */
  readonly tags: readonly string[];
  /** At most so many iterations; default 100. */
  readonly iterations?: number;
  /** L1 penalty, which makes most weights 0; default 0.1. */
  readonly c1?: number;
  /** L2 penalty; default 0.01. */
  readonly c2?: number;
  /** Ends training after so many seconds with what it has. The result then depends on the machine's speed. */
  readonly seconds?: number;
  /** A model to start from: its weights are taken over where feature and tag are the same. */
  readonly start?: WideModel;
  /** A correction of `start` that it starts from as well: their weights are added up. */
  readonly startCorrection?: WideModel | undefined;
  /**
   * Share of the tokens whose spelling is hidden, 0 to 1, so that the look of a word and its neighbours have to do; default
   * 0. Which ones: drawn from `seed` (default 1).
   */
  readonly hidden?: number;
  readonly seed?: number;
  /** Parts of the sentences that are learnt from (`segmentsOf`); default: all of all. */
  readonly segments?: readonly Segment[];
  /** Scores that another model gives these sentences, or their segments: a correction of it is learnt. */
  readonly offset?: Offset;
  /** Factor of the offset to start from; default 1. */
  readonly startFactor?: number;
  readonly signal?: AbortSignal;
  /** Called after each iteration. */
  readonly onProgress?: (progress: WideProgress) => void;
}

/** What training gives. */
export interface TrainedCorrection {
  readonly model: WideModel;
  /** What the offset's scores are multiplied by; 1 without an offset. */
  readonly factor: number;
  readonly iterations: number;
}

/**
 * Trains on sentences whose tags may be undecided in part (the likelihood then sums over all paths that fit). The same
 * sentences give the same model, bit for bit. Other work gets its turn between iterations.
 * @throws RangeError for tags that are not among `tags`; the signal's reason when it is aborted.
 */
export async function trainWide(sentences: readonly LabelledSentence[], options: WideOptions): Promise<WideModel> {
  return (await trainCorrection(sentences, options)).model;
}

/** As `trainWide`, on top of another model where there is an `offset`. */
export async function trainCorrection(
  sentences: readonly LabelledSentence[],
  options: WideOptions,
): Promise<TrainedCorrection> {
  const { tags, iterations = 100, c1 = 0.1, c2 = 0.01, seconds = Infinity, start, signal, onProgress } = options;
  const { offset, startFactor = 1 } = options;
  signal?.throwIfAborted();
  const began = performance.now();
  const problem = problemOf(sentences, tags, hiding(sentences, options), options.segments);
  const likelihood = new Likelihood(problem, c2, offset);
  const weights = new Float64Array(likelihood.size);
  for (const model of [start, options.startCorrection]) if (model) takeOver(problem, tags, model, weights);
  if (offset !== undefined) weights[weights.length - 1] = startFactor - 1;
  let done = 0;
  const evaluate = (at: Float64Array, gradient: Float64Array) => likelihood.evaluate(at, gradient);
  await minimise(evaluate, weights, {
    c1,
    iterations,
    onIteration: async (iteration, loss) => {
      done = iteration;
      const passed = (performance.now() - began) / 1000;
      onProgress?.({ iteration, iterations, loss, seconds: passed });
      await setImmediate();
      signal?.throwIfAborted();
      return passed < seconds;
    },
  });
  const factor = offset === undefined ? 1 : 1 + (weights[weights.length - 1] as number);
  return { model: prune(problem, tags, weights), factor, iterations: done };
}

/** Draws the tokens whose spelling is hidden. */
function hiding(sentences: readonly LabelledSentence[], { hidden = 0, seed = 1 }: WideOptions) {
  if (hidden === 0) return undefined;
  const random = new Random(seed, 'hidden words');
  const drawn = sentences.map(({ words }) => words.map(() => random.uniform() < hidden));
  return (sentence: number, token: number): boolean => drawn[sentence]![token]!;
}

/** Adds an older model's weights, tags matched by name. */
function takeOver(problem: Problem, tags: readonly string[], start: WideModel, weights: Float64Array): void {
  const { keys, features, featureTags } = problem;
  const old = tags.map((tag) => start.tags.indexOf(tag));
  for (let attribute = 0; attribute + 1 < features.length; attribute++) {
    for (let f = features[attribute] as number; f < (features[attribute + 1] as number); f++) {
      const tag = old[featureTags[f] as number] as number;
      if (tag < 0) continue;
      const [low, high] = [keys[2 * attribute] as number, keys[2 * attribute + 1] as number];
      (weights[f] as number) += start.weightOf(low, high, tag);
    }
  }
  let pair = featureTags.length;
  for (const from of old) {
    for (const to of old) {
      if (from >= 0 && to >= 0) (weights[pair] as number) += start.transitions[from * start.tags.length + to] as number;
      pair++;
    }
  }
}

/** The model without the features that training left at 0. */
function prune({ keys, features, featureTags }: Problem, tags: readonly string[], weights: Float64Array): WideModel {
  const kept = { keys: [] as number[], counts: [] as number[], featureTags: [] as number[], weights: [] as number[] };
  for (let attribute = 0; attribute + 1 < features.length; attribute++) {
    const before = kept.weights.length;
    for (let f = features[attribute] as number; f < (features[attribute + 1] as number); f++) {
      if (Math.fround(weights[f] as number) === 0) continue;
      kept.featureTags.push(featureTags[f] as number);
      kept.weights.push(weights[f] as number);
    }
    if (kept.weights.length === before) continue;
    kept.keys.push(keys[2 * attribute] as number, keys[2 * attribute + 1] as number);
    kept.counts.push(kept.weights.length - before);
  }
  const transitions = weights.subarray(featureTags.length, featureTags.length + tags.length ** 2);
  return new WideModel(tags, { ...kept, keys: Int32Array.from(kept.keys), transitions });
}
