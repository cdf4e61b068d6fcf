// Where a pre-training begins: counted texts, first weights, or an older encoder that is trained further.
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../text/index.ts';
import { type BatchPosition, BatchStream } from './batch-stream.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { EncoderConfig } from './config.ts';
import { corpusState } from './corpus.ts';
import { type EncoderDescription, readEncoder, readLog } from './folder.ts';
import { holdOut, warnOfLengths } from './hold-out.ts';
import { streamShape } from './pretrain-options.ts';
import {
  type CorporaProgress,
  countCorpora,
  firstState,
  listsOf,
  requireShared,
  type Translations,
  tellPairs,
  translationsIn,
} from './setup.ts';
import type { PretrainOptions } from './types.ts';
import { readVectors } from './vectors/vector-file.ts';

/** Where a pre-training begins. */
export interface Beginning {
  /** Of no steps. */
  readonly checkpoint: Checkpoint;
  readonly translations: Translations;
  /**
   * Of an encoder that is trained further on the same texts: the seed with which its sentences for perplexity were drawn,
   * and where in the texts it goes on, if that is known.
   */
  readonly further: { readonly seed: number; readonly batches: BatchPosition | undefined } | undefined;
}

/**
 * What a pre-training begins with.
 * @param counting called while the words of the texts are counted
 * @throws InputError for texts, word lists, vectors and older encoders that cannot be used
 */
export async function beginningOf(
  options: PretrainOptions,
  config: EncoderConfig,
  counting: (now: CorporaProgress) => void,
): Promise<Beginning> {
  const { texts, from, vectors = [] } = options;
  const older = from === undefined ? undefined : await readOlder(from, options, config);
  // What can be refused is refused before the texts are counted
  const lists = await listsOf(options);
  const expected = { dimension: config.hidden, of: 'the encoder' };
  for (const { path } of vectors) {
    await corpusState(path);
    await readVectors(path, { most: 0, expected });
  }
  const counted = await countCorpora(options, config, counting, older?.vocabularies);
  const vocabularies = counted.map(({ vocabulary }) => vocabulary);
  const translations = translationsIn(vocabularies, lists, options, config);
  const { identical, pairs } = translations;
  requireShared(translations, options);
  for (const [i, list] of lists.entries()) tellPairs(list, pairs[i]!, vocabularies, options);
  const first = await firstState(options, config, vocabularies, [...identical, ...pairs]);
  for (const [l, words] of first.vectors.entries()) {
    if (words === undefined) continue;
    options.note?.(`${words} of the ${vocabularies[l]!.size} words of ${texts[l]!.language} start with a given vector`);
  }
  const sameTexts = older?.description.languages.every(({ corpus }, l) => corpus.sha256 === counted[l]!.sha256);
  if (sameTexts === false) {
    options.warn?.(
      'the texts are not those that the encoder was trained on before: perplexity may be measured on sentences that it has learnt',
    );
  }
  const checkpoint = {
    corpora: counted.map(({ sha256, sentences, kept, words, covered }) => ({
      sha256,
      sentences,
      kept,
      words,
      covered,
    })),
    // An encoder that started from vectors has them still: they are released when their time comes.
    vectors: older?.description.languages.map(({ vectors }) => vectors) ?? first.vectors,
    pairs: pairs.length > 0 ? pairs.reduce((sum, { rows }) => sum + rows.length / 2, 0) : undefined,
    position: {
      ...{ step: 0, words: 0, seconds: 0, held: texts.map(() => []) },
      batches: { step: 0, languages: [] },
      ...(older && { before: { ...older.before, ...(sameTexts && { seed: drawnWith(older.description) }) } }),
    },
    vocabularies,
    state: older ? { ...first.state, ...older.tensors } : first.state,
    log: older?.log ?? '',
  };
  return { checkpoint, translations, further: sameTexts ? furtherIn(older!.description, config) : undefined };
}

function furtherIn(description: EncoderDescription, config: EncoderConfig): Beginning['further'] {
  const isSameStream = isDeepStrictEqual(streamShape(description.configuration), streamShape(config));
  return { seed: drawnWith(description), batches: isSameStream ? description.batches : undefined };
}

/** The seed with which the sentences were drawn that its perplexity is measured on. */
const drawnWith = ({ seed, heldOut }: EncoderDescription) => heldOut ?? seed;

/**
 * The encoder that shall be trained further.
 * @throws InputError where there is none, or it is another one, or vectors are given besides: it has learnt its own
 */
async function readOlder(from: string, options: PretrainOptions, config: EncoderConfig) {
  const { texts, vectors = [], warn } = options;
  const hasLists = (options.pairs ?? []).length > 0;
  if (vectors[0] !== undefined) {
    throw new InputError(
      'vectors are what a new encoder starts from, and the one that is trained further has its own',
      'leave out --vectors (instead of the template winit_layer_avl take layer_avl, which aligns alike), or --resume and --from',
      { path: vectors[0].path },
    );
  }
  const older = await readEncoder(from);
  const { languages, configuration } = older.description;
  if (languages.map(({ language }) => language).join() !== texts.map(({ language }) => language).join()) {
    const known = languages.map(({ language }) => language).join(', ');
    throw new InputError(`the encoder there was trained on ${known}`, 'name the same languages in the same order', {
      path: from,
    });
  }
  const { layers, hidden, filter, heads } = configuration;
  if (layers !== config.layers || hidden !== config.hidden || filter !== config.filter || heads !== config.heads) {
    throw new InputError(`the encoder there has the size ${older.description.size}`, 'name the same size', {
      path: from,
    });
  }
  if (configuration.lowerCase !== config.lowerCase) {
    const [was, remedy] = configuration.lowerCase ? ['lower-cased', 'leave out'] : ['as they stand', 'give'];
    throw new InputError(
      `the encoder there reads words ${was}`,
      `train it further by crosstag pretrain, and ${remedy} --keep-case`,
      { path: from },
    );
  }
  const { template, pairs } = older.description;
  // `winit_` says where it started, not how it is aligned
  const manner = (name: string, hasList: boolean) =>
    `${name.replace('winit_', '')}${hasList ? ' and a word list' : ''}`;
  const [aligned, now] = [manner(template, pairs !== undefined), manner(options.template, hasLists)];
  const isOther = languages.some(({ weight = 1 }, l) => weight !== (texts[l]!.weight ?? 1));
  if (aligned !== now) warn?.(`${from}: it was aligned by ${aligned}, and is trained further with ${now}`);
  else if (isOther || !isDeepStrictEqual(configuration.alignment, config.alignment)) {
    warn?.(`${from}: it is trained further with other weights, of the alignment or of languages, than before`);
  }
  const { steps, words, seconds } = older.description.metrics;
  return { ...older, before: { steps, words, seconds }, log: await readLog(from) };
}

/** The batches of an interrupted training. */
export function resumeStream(
  { texts, seed = 1, signal }: PretrainOptions,
  config: EncoderConfig,
  { vocabularies, corpora, position }: Checkpoint,
): Promise<BatchStream> {
  const from = { position: position.batches, sha256: corpora.map(({ sha256 }) => sha256) };
  return BatchStream.open(texts, vocabularies, streamShape(config), seed, { from, signal });
}

/** The batches of one that begins, less the sentences that it puts aside: perplexity is measured on them. */
export async function beginStream(
  options: PretrainOptions,
  config: EncoderConfig,
  { checkpoint, further }: Beginning,
): Promise<BatchStream> {
  const { texts, seed = 1, signal } = options;
  const drawnWith = further?.seed ?? seed;
  const stream = await BatchStream.open(texts, checkpoint.vocabularies, streamShape(config), drawnWith, { signal });
  try {
    warnOfLengths(stream, options);
    checkpoint.position.held = await holdOut(stream);
  } catch (error) {
    await stream.close();
    throw error;
  }
  if (drawnWith === seed && !further?.batches) return stream;
  await stream.close();
  if (!further?.batches) return BatchStream.open(texts, checkpoint.vocabularies, streamShape(config), seed, { signal });
  return resumeStream(options, config, {
    ...checkpoint,
    position: { ...checkpoint.position, batches: further.batches },
  });
}
