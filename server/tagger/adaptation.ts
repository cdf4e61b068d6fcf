// The quick learner: a wide part on top of a model that stays as it is. It learns within seconds what people decided; with
// nothing to learn from it is the model itself. Without a model it is a wide tagger that starts from nothing.
import { labelOf, OUTSIDE, type Scheme, tagSetOf } from '../tags/index.ts';
import type { Task } from '../text/types.ts';
import { AdaptedTagger } from './adapted-tagger.ts';
import { emissionsFor, transitionsFor } from './columns.ts';
import { Crf } from './crf.ts';
import { presumeCertain } from './presumed.ts';
import type { LabelledSentence, Tagger } from './types.ts';
import { type Segment, segmentsOf, trainCorrection, WideModel } from './wide/index.ts';

/** What was learnt on top of a base; holds on to nothing of the base. */
export interface Adaptation {
  readonly task: Task;
  readonly scheme: Scheme;
  /** Those of the base, then those that only the labels of people know. */
  readonly tags: readonly string[];
  readonly wide: WideModel;
  /** What the base's scores are multiplied by. */
  readonly factor: number;
  readonly iterations: number;
  readonly seconds: number;
  /** What it has learnt from: content of the sentences with their labels. */
  readonly learnt: ReadonlySet<string>;
}

/** Tokens on both sides of a decided one that are learnt from with it: the neighbours that features look at, and one more. */
const MARGIN = 3;

/**
 * Iterations from nothing, and from an earlier adaptation on. Measured with 1,000 sentences behind it, whether the last correction
 * is known: on Spanish 15 know 12 of 12 and 5 know 1 (with `learnFresh` before, 3 know 9); on Portuguese 15 know 7 of 12, 20 know
 * 20 of 20, in 1.6 CPU seconds. More do not score higher.
 */
const COLD = 30;
const WARM = 20;

/** New sentences that are learnt on their own first: of more, one more round over all tells as much. */
const FRESH = 50;

/** Their corrections are held back less: what the first steps over all sentences take from them has to leave enough. */
const FRESH_C2 = 0.1;

export interface AdaptationOptions {
  readonly task: Task;
  /** The model that is corrected; without it the labels are all there is. */
  readonly base?: Tagger | undefined;
  /** Language of sentences that do not say theirs. */
  readonly language?: string;
  /** An earlier adaptation of the same base, to start from. */
  readonly start?: Adaptation | undefined;
  /** At most so many iterations; default 30, from an earlier adaptation on 20. */
  readonly iterations?: number;
  /** Ends training after so many seconds with what it has. */
  readonly seconds?: number;
  /** L1 penalty of the corrections; default 0.02. */
  readonly c1?: number;
  /** L2 penalty of the corrections; default 0.3. */
  readonly c2?: number;
  readonly signal?: AbortSignal;
}

/**
 * Learns from sentences that may be labelled in part; those without any label are passed over.
 * @throws RangeError for a tag that is not in the model's scheme; InputError where the base does not know a language; the
 *   signal's reason when it is aborted
 */
export async function trainAdaptation(
  sentences: readonly LabelledSentence[],
  options: AdaptationOptions,
): Promise<Adaptation> {
  const { task, base, start, signal, seconds, c1 = 0.02, c2 = 0.3 } = options;
  const { iterations = start ? WARM : COLD } = options;
  const began = performance.now();
  const scheme = task === 'pos' ? 'pos' : 'bio';
  const labelled = sentences.filter(({ tags }) => tags.some((tag) => tag !== undefined));
  const tags = tagsOf(labelled, base, scheme);
  const facts = { task, scheme, tags } as const;
  const passed = () => (performance.now() - began) / 1000;
  if (labelled.length === 0) {
    const transitions = new Float32Array(tags.length ** 2);
    const none = { keys: new Int32Array(0), counts: [], featureTags: [], weights: [], transitions };
    return {
      ...facts,
      wide: new WideModel(tags, none),
      factor: 1,
      iterations: 0,
      seconds: passed(),
      learnt: new Set(),
    };
  }
  const given = base && (await emissionsByLanguage(labelled, base, options));
  const taught = base && given && scheme === 'bio' ? presumeCertain(labelled, outsideOf(base, given)) : labelled;
  const segments = segmentsOf(taught, MARGIN);
  const offset = base && given && offsetOf(given, segments, base, tags);
  const fresh = start && taught.filter((_, i) => !start.learnt.has(contentOf(labelled[i]!)));
  const startCorrection = start && fresh && (await learnFresh(fresh, tags, start, { ...options, c1, c2 }));
  const trained = await trainCorrection(taught, {
    ...{ tags, iterations, c1, c2, segments },
    ...(offset && { offset }),
    ...(start && { start: start.wide, startFactor: start.factor, startCorrection }),
    ...(seconds !== undefined && { seconds: Math.max(0, seconds - passed()) }),
    ...(signal && { signal }),
  });
  const { model: wide, factor, iterations: done } = trained;
  const learnt = new Set(labelled.map(contentOf));
  return { ...facts, wide, factor, iterations: done, seconds: passed(), learnt };
}

const contentOf = ({ words, tags, weight = 1 }: LabelledSentence) => JSON.stringify([words, tags, weight]);

/**
 * What an earlier adaptation has to be corrected by to know the sentences that are new to it: a matter of milliseconds. With it to
 * start from, the new ones are known even where time is up before all sentences have been gone through often.
 */
async function learnFresh(
  fresh: readonly LabelledSentence[],
  tags: readonly string[],
  start: Adaptation,
  { base, language, signal, c1 = 0, c2 = 0 }: AdaptationOptions,
): Promise<WideModel | undefined> {
  // A label that is gone, or a new one between the old: the columns do not fit, and all is learnt in one go.
  const fits = start.tags.every((tag, i) => tags[i] === tag);
  if (!fits || fresh.length === 0 || fresh.length > FRESH) return undefined;
  const segments = segmentsOf(fresh, MARGIN);
  const before = new AdaptedTagger(base, start);
  const offset = offsetOf(await emissionsByLanguage(fresh, before, { language, signal }), segments, before, tags);
  const { model } = await trainCorrection(fresh, {
    ...{ tags, c1, c2: c2 * FRESH_C2, segments, iterations: WARM, offset: { ...offset, isFixed: true } },
    ...(signal && { signal }),
  });
  return model;
}

/** The base's tags, then new ones by label, sorted. */
function tagsOf(labelled: readonly LabelledSentence[], base: Tagger | undefined, scheme: Scheme): readonly string[] {
  const known = new Set(base?.tags);
  const labels = new Set<string>();
  for (const { tags } of labelled) {
    for (const tag of tags) {
      const label = tag === undefined || known.has(tag) ? undefined : labelOf(tag, scheme);
      if (label !== undefined) labels.add(label);
    }
  }
  const more = tagSetOf([...labels].sort(), scheme).filter((tag) => !known.has(tag));
  return [...known, ...more];
}

/** The probability, by the base, of each token of a sentence to be outside of all names. */
function outsideOf({ tags, transitions }: Tagger, given: readonly Float32Array[]): (sentence: number) => Float32Array {
  const outside = tags.indexOf(OUTSIDE);
  const crf = new Crf(tags.length);
  crf.setTransitions(transitions);
  return (sentence) => {
    const emissions = given[sentence]!;
    const time = emissions.length / tags.length;
    const marginals = new Float32Array(emissions.length);
    crf.marginals(emissions, time, marginals);
    return Float32Array.from({ length: time }, (_, t) => marginals[t * tags.length + outside]!);
  };
}

/**
 * What the base says of the segments, in the columns of `tags`.
 * @param given its emissions of all sentences
 */
function offsetOf(given: readonly Float32Array[], segments: readonly Segment[], base: Tagger, tags: readonly string[]) {
  const tokens = segments.reduce((sum, { start, end }) => sum + end - start, 0);
  const emissions = new Float32Array(tokens * tags.length);
  let at = 0;
  for (const { sentence, start, end } of segments) {
    const part = given[sentence]!.subarray(start * base.tags.length, end * base.tags.length);
    emissions.set(emissionsFor(part, base, tags), at);
    at += (end - start) * tags.length;
  }
  return { emissions, transitions: transitionsFor(base, tags) };
}

/** A base's scores of sentences in several languages. */
async function emissionsByLanguage(
  sentences: readonly LabelledSentence[],
  base: Tagger,
  { language, signal }: { readonly language?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Float32Array[]> {
  const byLanguage = new Map<string | undefined, number[]>();
  for (const [i, sentence] of sentences.entries()) {
    const spoken = sentence.language ?? language ?? base.language;
    const numbers = byLanguage.get(spoken);
    if (numbers === undefined) byLanguage.set(spoken, [i]);
    else numbers.push(i);
  }
  const all = new Array<Float32Array>(sentences.length);
  for (const [spoken, numbers] of byLanguage) {
    const words = numbers.map((i) => sentences[i]!.words);
    const options = { ...(spoken !== undefined && { language: spoken }), ...(signal && { signal }) };
    const given = await base.emissions(words, options);
    numbers.forEach((i, k) => {
      all[i] = given[k]!;
    });
  }
  return all;
}
