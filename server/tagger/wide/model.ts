// A trained wide tagger: hashed attributes with the weights that training left, and the transitions.
import type { State } from '../../tensor/index.ts';
import { HashIndex } from './hash.ts';
import {
  BEYOND_FEATURES,
  BIGRAM_COUNT,
  featuresOf,
  hashBigram,
  PLACES,
  TEMPLATES_VERSION,
  type WordFeatures,
} from './templates.ts';

/** Distinct words whose sums are kept; beyond that the memory starts anew. */
const REMEMBERED = 50_000;

/** A distinct word at work. */
interface KnownWord {
  readonly features: WordFeatures;
  /** What it adds to the emissions of the token that sees it at each place: [places, tags]. */
  readonly sums: Float32Array;
}

/** Weights by attribute. */
export interface WideWeights {
  /** Hashes of the attributes: [attributes, 2]. */
  readonly keys: Int32Array;
  /** Number of features of each attribute: [attributes]. */
  readonly counts: ArrayLike<number>;
  /** Tag and weight of each feature, attribute by attribute: [features]. */
  readonly featureTags: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  /** [tags, tags], indexed from * tags + to. */
  readonly transitions: ArrayLike<number>;
}

function isTag(value: number, tags: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < tags;
}

export class WideModel {
  readonly tags: readonly string[];
  /** [tags, tags], indexed from * tags + to. */
  readonly transitions: Float32Array;
  readonly #index: HashIndex;
  readonly #offsets: Int32Array; // [attributes + 1]
  readonly #featureTags: Int32Array;
  readonly #weights: Float32Array;
  readonly #beyond: readonly Float32Array[];
  readonly #words = new Map<string, KnownWord>();
  readonly #hidden = new Map<string, KnownWord>();
  readonly #hash = { low: 0, high: 0 };

  constructor(tags: readonly string[], { keys, counts, featureTags, weights, transitions }: WideWeights) {
    this.tags = tags;
    this.transitions = Float32Array.from(transitions);
    this.#index = new HashIndex(counts.length);
    this.#offsets = new Int32Array(counts.length + 1);
    for (let attribute = 0; attribute < counts.length; attribute++) {
      this.#index.add(keys[2 * attribute] as number, keys[2 * attribute + 1] as number);
      this.#offsets[attribute + 1] = (this.#offsets[attribute] as number) + (counts[attribute] as number);
    }
    this.#featureTags = Int32Array.from(featureTags);
    this.#weights = Float32Array.from(weights);
    this.#beyond = BEYOND_FEATURES.map((hashes) => this.#sum(hashes, new Float32Array(tags.length), 0));
  }

  /** Number of weights, transitions aside. */
  get size(): number {
    return this.#weights.length;
  }

  /**
   * Scores of a sentence's words: [time, tags].
   * @param isHidden whether the spelling of a word is hidden from the model
   */
  emissions(words: readonly string[], isHidden: (word: string) => boolean = () => false): Float32Array {
    const count = this.tags.length;
    const out = new Float32Array(words.length * count);
    const known = words.map((word) => this.#know(word, isHidden(word)));
    known.forEach((_, t) => {
      const row = t * count;
      for (let place = 0; place < PLACES.length; place++) {
        const neighbour = known[t + (PLACES[place] as number)];
        const sums = neighbour?.sums ?? (this.#beyond[place] as Float32Array);
        const from = neighbour === undefined ? 0 : place * count;
        for (let tag = 0; tag < count; tag++) (out[row + tag] as number) += sums[from + tag] as number;
      }
      for (let which = 0; which < BIGRAM_COUNT; which++) {
        const [left, right] = [known[t - 1 + which]?.features, known[t + which]?.features];
        if (hashBigram(which, left, right, this.#hash)) this.#add(this.#hash.low, this.#hash.high, out, row);
      }
    });
    return out;
  }

  /** The weight of a feature; 0 where the model has none. */
  weightOf(low: number, high: number, tag: number): number {
    const attribute = this.#index.find(low, high);
    if (attribute < 0) return 0;
    for (let f = this.#offsets[attribute] as number; f < (this.#offsets[attribute + 1] as number); f++) {
      if (this.#featureTags[f] === tag) return this.#weights[f] as number;
    }
    return 0;
  }

  #know(text: string, hidden: boolean): KnownWord {
    const words = hidden ? this.#hidden : this.#words;
    let word = words.get(text);
    if (word === undefined) {
      const features = featuresOf(text, hidden);
      const count = this.tags.length;
      const sums = new Float32Array(PLACES.length * count);
      for (const [place, hashes] of features.at.entries()) this.#sum(hashes, sums, place * count);
      word = { features, sums };
      if (words.size >= REMEMBERED) words.clear();
      words.set(text, word);
    }
    return word;
  }

  #sum(hashes: Int32Array, out: Float32Array, at: number): Float32Array {
    for (let i = 0; i < hashes.length; i += 2) this.#add(hashes[i] as number, hashes[i + 1] as number, out, at);
    return out;
  }

  #add(low: number, high: number, out: Float32Array, at: number): void {
    const attribute = this.#index.find(low, high);
    if (attribute < 0) return;
    for (let f = this.#offsets[attribute] as number; f < (this.#offsets[attribute + 1] as number); f++) {
      (out[at + (this.#featureTags[f] as number)] as number) += this.#weights[f] as number;
    }
  }

  /**
   * The model as named tensors. All are floats, as the deep part's: a hash is four integers of 16 bits, which floats hold
   * exactly.
   */
  toState(): State {
    const { keys, size } = this.#index;
    const attributes = new Float32Array(size * 4);
    for (let i = 0; i < keys.length; i++) {
      attributes[2 * i] = (keys[i] as number) & 0xffff;
      attributes[2 * i + 1] = (keys[i] as number) >>> 16;
    }
    const counts = Float32Array.from(
      { length: size },
      (_, i) => (this.#offsets[i + 1] as number) - (this.#offsets[i] as number),
    );
    const count = this.tags.length;
    return {
      'wide.templates': { shape: [1], data: Float32Array.of(TEMPLATES_VERSION) },
      'wide.attributes': { shape: [size, 4], data: attributes },
      'wide.counts': { shape: [size], data: counts },
      'wide.tags': { shape: [this.size], data: Float32Array.from(this.#featureTags) },
      'wide.weights': { shape: [this.size], data: this.#weights },
      'wide.transitions': { shape: [count, count], data: this.transitions },
    };
  }

  /**
   * The model that `toState` wrote.
   * @throws RangeError that says what is wrong with the tensors.
   */
  static fromState(tags: readonly string[], state: State): WideModel {
    const read = (name: string, ...shape: readonly (number | undefined)[]): Float32Array => {
      const tensor = state[`wide.${name}`];
      if (tensor === undefined) throw new RangeError(`the tensor wide.${name} is missing`);
      const fits =
        tensor.shape.length === shape.length &&
        shape.every((size, i) => size === undefined || size === tensor.shape[i]);
      if (!fits) throw new RangeError(`wide.${name} has the shape [${tensor.shape.join(', ')}]`);
      if (!tensor.data.every(Number.isFinite)) throw new RangeError(`wide.${name} holds numbers that are not finite`);
      return tensor.data;
    };
    const [version] = read('templates', 1);
    if (version !== TEMPLATES_VERSION) {
      throw new RangeError(
        `it was trained with version ${version} of the features, and this program has ${TEMPLATES_VERSION}`,
      );
    }
    const count = tags.length;
    const counts = read('counts', undefined);
    const attributes = read('attributes', counts.length, 4);
    const featureTags = read('tags', undefined);
    const weights = read('weights', featureTags.length);
    const transitions = read('transitions', count, count);
    if (!featureTags.every((tag) => isTag(tag, count)))
      throw new RangeError(`wide.tags names tags beyond the ${count}`);
    if (!counts.every((value) => isTag(value, count + 1)) || counts.reduce((a, b) => a + b, 0) !== weights.length) {
      throw new RangeError('wide.counts and wide.weights do not fit together');
    }
    if (!attributes.every((part) => isTag(part, 0x10000))) throw new RangeError('wide.attributes holds no hashes');
    const keys = new Int32Array(counts.length * 2);
    for (let i = 0; i < keys.length; i++) {
      keys[i] = (attributes[2 * i] as number) | ((attributes[2 * i + 1] as number) << 16);
    }
    const model = new WideModel(tags, { keys, counts, featureTags, weights, transitions });
    if (model.#index.size !== counts.length) throw new RangeError('wide.attributes holds one hash twice');
    return model;
  }
}
