// The words of a batch on their way into the sentence network.
import type { Random } from '../../tensor/index.ts';
import type { DeepConfig } from './config.ts';
import type { Example } from './examples.ts';
import { bucketOf, SENTENCE_LENGTHS } from './programs.ts';
import { UNKNOWN } from './vocabulary.ts';

/** The tokens of a batch: which row of the table and which form each one is, and where its features stand. */
export interface Tokens {
  readonly time: number;
  /** Each distinct word once. */
  readonly forms: readonly string[];
  /** By token, in the order of the batch. */
  readonly rows: Int32Array;
  readonly formOf: Int32Array;
  /** t * batch + b */
  readonly places: Int32Array;
}

/**
 * @param rare ids of words that are trained as unknown ones now and then, drawn from `random`
 */
export function tokensOf(
  batch: readonly Example[],
  config: DeepConfig,
  rare: ReadonlySet<number>,
  random: Random,
): Tokens {
  const time = bucketOf(Math.max(...batch.map((example) => example.words.length)), SENTENCE_LENGTHS);
  const forms = new Map<string, number>();
  const rows: number[] = [];
  const formOf: number[] = [];
  const places: number[] = [];
  batch.forEach(({ words, ids }, b) => {
    for (let t = 0; t < words.length; t++) {
      const form = forms.get(words[t]!) ?? forms.size;
      forms.set(words[t]!, form);
      const id = ids[t]!;
      rows.push(rare.has(id) && random.uniform() < config.unknown ? UNKNOWN : id);
      formOf.push(form);
      places.push(t * config.batch + b);
    }
  });
  const [r, f, p] = [rows, formOf, places].map((list) => Int32Array.from(list));
  return { time, forms: [...forms.keys()], rows: r!, formOf: f!, places: p! };
}
