// Two tables of vectors into one space, from a few pairs of words: the map gives a larger dictionary, that a better map,
// and so on (Artetxe et al. 2018, "A robust self-learning method for fully unsupervised cross-lingual mappings"). That method
// also leaves out pairs by chance, since it starts from nothing; here there are pairs to start from.
import type { Engine } from '../../tensor/index.ts';
import { induce } from './induction.ts';
import { joinPairs, normalised, orthogonalMap, type RowPairs, reweightedMaps, transform } from './matrices.ts';
import { normaliseRows, Products } from './nearest.ts';

export interface AlignOptions {
  /** Rounds of self-learning at most; 0 maps by the seeds alone. */
  readonly rounds: number;
  /** Only the most frequent words of each side take part in dictionaries. */
  readonly frequent: number;
  /** Rounds without progress after which the end is reached. */
  readonly patience: number;
  readonly engine: Engine;
  readonly threads: number;
  readonly progress?: (progress: AlignProgress) => void;
  /** Called between blocks of products; may throw to end it. */
  readonly pause?: () => Promise<void>;
}

export interface AlignProgress {
  readonly round: number;
  /** At most. */
  readonly rounds: number;
  readonly objective: number;
}

export interface Aligned {
  /** Rows of length 1, in one space. */
  readonly source: Float32Array;
  readonly target: Float32Array;
  readonly rounds: number;
  /** Mean similarity of the last dictionary; undefined without self-learning. */
  readonly objective: number | undefined;
}

/** A gain of the objective that is less is none. */
const GAIN = 2e-4;

/**
 * Maps two tables, the most frequent words first, into one space.
 * @param certain pairs of rows to start from, at least one: they belong to every dictionary
 */
export async function align(
  source: Float32Array,
  target: Float32Array,
  dimension: number,
  certain: RowPairs,
  options: AlignOptions,
): Promise<Aligned> {
  const x = normalised(source, dimension);
  const z = normalised(target, dimension);
  const learnt = await selfLearn(x, z, dimension, certain, options);
  const maps = reweightedMaps(x, z, learnt.pairs, dimension);
  return {
    ...learnt,
    source: normaliseRows(transform(x, maps.source), dimension),
    target: normaliseRows(transform(z, maps.target), dimension),
  };
}

async function selfLearn(
  x: Float32Array,
  z: Float32Array,
  dimension: number,
  certain: RowPairs,
  options: AlignOptions,
): Promise<{ pairs: RowPairs; rounds: number; objective: number | undefined }> {
  const { rounds, frequent, patience, pause = async () => undefined } = options;
  let pairs = certain;
  if (rounds === 0) return { pairs, rounds: 0, objective: undefined };
  const sources = x.subarray(0, frequent * dimension);
  const products = await Products.open(z.slice(0, frequent * dimension), dimension, options);
  try {
    let best = Number.NEGATIVE_INFINITY;
    let bestRound = 0;
    for (let round = 1; ; round++) {
      const mapped = transform(sources, orthogonalMap(x, z, pairs, dimension));
      const induced = await induce(products, mapped, pause);
      pairs = joinPairs(induced.pairs, certain);
      const { objective } = induced;
      options.progress?.({ round, rounds, objective });
      if (objective >= best + GAIN) {
        best = objective;
        bestRound = round;
      }
      if (round === rounds || round - bestRound >= patience) return { pairs, rounds: round, objective };
    }
  } finally {
    await products.dispose();
  }
}
