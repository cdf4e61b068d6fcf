// The arrays of a training step, from sentences of word ids to what the graphs are fed with.
import { type Buffers, fillDropout, type Random } from '../tensor/index.ts';
import type { EncoderConfig } from './config.ts';
import type { BatchShape } from './direction.ts';
import type { Direction } from './network.ts';
import { expectedCount, type Samples } from './sampling.ts';
import type { PackedBatch } from './sentences.ts';
import { EOS } from './vocabulary.ts';

/** The sentences of each language, at most as many and as long as the shape says. */
export type Batch = readonly (readonly Int32Array[])[];

export type Arrays = Record<string, Float32Array | Int32Array>;

const HIT = -1e9;

/** How far the wide mask of a layer begins behind that of the layer before: no multiple of a width, so other words meet. */
const SHIFT = 4099;

/** Calls `visit` for every embedding row that a sentence brings into `rows`: itself, and `<eos>` before and behind it. */
export function visitRows(
  batch: Batch,
  { sentences, time }: BatchShape,
  visit: (language: number, id: number, place: number) => void,
): void {
  batch.forEach((own, language) => {
    own.forEach((ids, s) => {
      const start = (language * sentences + s) * (time + 2);
      visit(language, EOS, start);
      for (let t = 0; t < ids.length; t++) visit(language, ids[t]!, start + 1 + t);
      visit(language, EOS, start + 1 + ids.length);
    });
  });
}

/** `rows` [languages * sentences, time + 2, hidden] and `lengths`. */
export function embeddedRows(
  batch: Batch,
  shape: BatchShape,
  tables: readonly Float32Array[],
  hidden: number,
  buffers: Buffers,
): { rows: Float32Array; lengths: Int32Array } {
  const { sentences, time } = shape;
  const rows = buffers.get('rows', batch.length * sentences * (time + 2) * hidden);
  visitRows(batch, shape, (language, id, place) => {
    rows.set(tables[language]!.subarray(id * hidden, (id + 1) * hidden), place * hidden);
  });
  const lengths = new Int32Array(batch.length * sentences);
  batch.forEach((own, language) => {
    own.forEach((ids, s) => {
      lengths[language * sentences + s] = ids.length;
    });
  });
  return { rows, lengths };
}

/**
 * The inputs of `statesProgram` for a batch.
 * @param ids of the words of every sentence
 * @param table [vocabulary, hidden]
 */
export function packedRows(
  { shape, windows }: PackedBatch,
  ids: readonly Int32Array[],
  table: Float32Array,
  hidden: number,
  buffers: Buffers,
): Arrays {
  const places = shape.rows * shape.time;
  const words = buffers.get('words', places * hidden);
  const sentences = buffers.get('sentences', places).fill(0);
  const positions = new Int32Array(places);
  for (const { window, row, at, number } of windows) {
    for (let t = 0; t < window.length; t++) {
      const place = row * shape.time + at + t;
      const id = ids[window.sentence]![window.start + t]!;
      words.set(table.subarray(id * hidden, (id + 1) * hidden), place * hidden);
      sentences[place] = number;
      positions[place] = t;
    }
  }
  return { words, sentences, positions };
}

/**
 * What each word counts in the loss, weight of its language / ((words of its language + 0.01) * languages):
 * [languages, sentences * time].
 */
export function wordWeights(
  batch: Batch,
  { sentences, time }: BatchShape,
  weights: readonly number[],
  buffers: Buffers,
): Float32Array {
  const weight = buffers.get('weight', batch.length * sentences * time).fill(0);
  batch.forEach((own, language) => {
    const words = own.reduce((sum, ids) => sum + ids.length, 0);
    own.forEach((ids, s) => {
      const start = (language * sentences + s) * time;
      weight.fill(weights[language]! / ((words + 0.01) * batch.length), start, start + ids.length);
    });
  });
  return weight;
}

/**
 * Negatives of a language and direction, with what corrects their logits and those of the targets: the inputs
 * `negatives.<l>`, `correction.<l>`, `own.<l>`, `hit.<l>` of `trainingProgram`.
 * @param samples drawn from the vocabulary of the language
 * @param buffers of the direction
 */
export function negativeInputs(
  samples: Samples,
  language: number,
  direction: Direction,
  sentences: readonly Int32Array[],
  shape: BatchShape,
  table: Float32Array,
  hidden: number,
  buffers: Buffers,
): Arrays {
  const { ids, tries } = samples;
  const size = table.length / hidden;
  const buffer = (what: string, length: number) => buffers.get(`${what}.${language}`, length);
  const negatives = buffer('negatives', ids.length * hidden);
  const correction = buffer('correction', ids.length);
  const drawn = new Set<number>();
  ids.forEach((id, i) => {
    drawn.add(id);
    negatives.set(table.subarray(id * hidden, (id + 1) * hidden), i * hidden);
    correction[i] = -Math.log(expectedCount(id, size, ids.length, tries));
  });
  const own = buffer('own', shape.sentences * shape.time).fill(0);
  const hit = buffer('hit', shape.sentences * shape.time).fill(0);
  sentences.forEach((words, s) => {
    for (let t = 0; t < words.length; t++) {
      const target = words[direction === 'forward' ? t + 1 : t - 1] ?? EOS;
      const place = s * shape.time + t;
      own[place] = -Math.log(expectedCount(target, size, ids.length, tries));
      if (drawn.has(target)) hit[place] = HIT;
    }
  });
  return {
    [`negatives.${language}`]: negatives,
    [`correction.${language}`]: correction,
    [`own.${language}`]: own,
    [`hit.${language}`]: hit,
  };
}

/**
 * The mask `drop.embedding`, which the directions share: [languages * sentences, time, hidden]. The masks of a step come out of one source of random
 * numbers: first this one, then those of the directions in their order.
 */
export function embeddingMask(
  { dropout, hidden }: EncoderConfig,
  { sentences, time }: BatchShape,
  languages: number,
  random: Random,
  buffers: Buffers,
): Arrays {
  const name = 'drop.embedding';
  return { [name]: fillDropout(buffers.get(name, languages * sentences * time * hidden), dropout, random) };
}

/**
 * The other masks `drop.<site>` of the direction whose turn it is. Those of the feed-forward parts are the widest: all layers
 * read one array, each from another place on, where as many arrays would take 400 MB at the paper's size (in one thread; another thread
 * gets copies).
 */
export function layerMasks(
  { dropout, layers, hidden, filter, heads }: EncoderConfig,
  { sentences, time }: BatchShape,
  languages: number,
  random: Random,
  buffers: Buffers,
): Arrays {
  const batch = languages * sentences;
  const arrays: Arrays = {};
  for (let layer = 0; layer < layers; layer++) {
    const add = (site: string, size: number) => {
      const name = `drop.${layer}.${site}`;
      arrays[name] = fillDropout(buffers.get(name, size), dropout, random);
    };
    add('weights', batch * heads * time * time);
    add('attention', batch * time * hidden);
    add('ffn', batch * time * hidden);
  }
  const wide = batch * time * filter;
  const inner = fillDropout(buffers.get('drop.inner', wide + (layers - 1) * SHIFT), dropout, random);
  for (let layer = 0; layer < layers; layer++) {
    arrays[`drop.${layer}.inner`] = inner.subarray(layer * SHIFT, layer * SHIFT + wide);
  }
  return arrays;
}
