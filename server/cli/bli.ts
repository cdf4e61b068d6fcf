// `crosstag bli`: word translation by nearest neighbours, of an encoder or of word vectors.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { loadEncoder, readEmbeddings, requireFinished } from '../encoder/index.ts';
import { readWordList } from '../encoder/pairs.ts';
import { scoreTranslation } from '../encoder/vectors/bli.ts';
import { readVectors, type WordVectors } from '../encoder/vectors/vector-file.ts';
import { findVectors } from '../encoder/vectors/vectors-folder.ts';
import { wordStates } from '../encoder/vectors/word-states.ts';
import { SPECIAL_WORDS } from '../encoder/vocabulary.ts';
import { chooseEngine, defaultThreads } from '../tensor/index.ts';
import { readableFolder } from '../text/folder.ts';
import { InputError } from '../text/index.ts';
import { isLanguageTag } from '../text/language-tag.ts';
import { type ArgumentsOf, defineCommand, fromYargs, wholeNumber, withGeneral, withJson } from './command.ts';
import { print, printJson, say } from './output.ts';
import { startProgress } from './progress.ts';
import { nothingScored, translationAsJson, translationAsText } from './translation-score.ts';

function options(yargs: Argv) {
  return withGeneral(withJson(yargs))
    .positional('vectors', {
      type: 'string',
      demandOption: true,
      describe: 'Folder of an encoder or of <language>.vec',
    })
    .option('dictionary', { type: 'string', demandOption: true, describe: 'Word list, `source target` a line' })
    .option('from', { type: 'string', demandOption: true, describe: 'Language of the first words (BCP 47)' })
    .option('to', { type: 'string', demandOption: true, describe: 'Language of their translations' })
    .option('most', { type: 'number', default: 50_000, describe: 'Words of a language that take part, at most' })
    .option('states', {
      type: 'string',
      describe: 'layer=N: the states of single words in this layer of an encoder, not their embeddings',
    })
    .check((args) => {
      const { from, to, most, states } = fromYargs(args);
      for (const language of [from, to]) {
        if (!isLanguageTag(language)) throw new Error(`${language} is no language tag (BCP 47), such as am or pt-BR`);
      }
      if (states !== undefined) layerOf(states);
      return wholeNumber('--most', most, 1);
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const bli = defineCommand({
  usage: 'bli <vectors>',
  summary: 'Score word translation by nearest neighbours',
  example: [
    '$0 bli vectors/en-es --dictionary samples/words/en-es.others.txt --from en --to es',
    'how well word vectors are aligned',
  ],
  options,
  async run(args, { signal }) {
    const dictionary = await readWordList(args.dictionary, say);
    const engine = await chooseEngine(args.engine, args.threads);
    const means = { engine, threads: args.threads ?? defaultThreads() };
    const pause = async () => signal.throwIfAborted();
    const source = await vectorsOf(args.from, args, means, pause);
    const target = await vectorsOf(args.to, args, means, pause);
    if (source.dimension !== target.dimension) {
      const what = `${args.from} has vectors of ${source.dimension} dimensions, ${args.to} of ${target.dimension}`;
      throw new InputError(what, 'give vectors that lie in one space', { path: args.vectors });
    }
    const score = await scoreTranslation({ source, target, dictionary, ...means, pause });
    if (score === undefined) throw nothingScored(args.dictionary, [args.from, args.to]);
    if (args.json) await printJson(translationAsJson(score));
    else await print(translationAsText(score));
    return 0;
  },
});

async function vectorsOf(
  language: string,
  { vectors, most, states }: Arguments,
  means: Parameters<typeof loadEncoder>[1],
  pause: () => Promise<void>,
): Promise<WordVectors> {
  await requireFinished(vectors);
  if (!existsSync(join(await readableFolder(vectors), 'encoder.json'))) {
    if (states === undefined) return readVectors(await findVectors(vectors, language), { most, lowerCase: true });
    throw new InputError('--states is for encoders, and there is no encoder.json', 'leave it out', { path: vectors });
  }
  const { words, table, dimension } = await readEmbeddings(vectors, language);
  const first = SPECIAL_WORDS.length;
  const known = words.slice(first, first + most);
  if (states === undefined) {
    return { words: known, dimension, table: table.slice(first * dimension, (first + known.length) * dimension) };
  }
  const encoder = await loadEncoder(vectors, means);
  const progress = startProgress();
  try {
    return await wordStates(encoder, known, language, layerOf(states), {
      pause,
      path: vectors,
      progress: (done) => progress.show({ done, total: known.length, note: language, rate: '', left: undefined }),
    });
  } finally {
    progress.stop();
    await encoder.dispose();
  }
}

/** @throws Error for what is not `layer=N` */
function layerOf(states: string): number {
  const [, layer] = /^layer=(\d+)$/.exec(states) ?? [];
  if (layer === undefined) throw new Error(`--states takes layer=N, not ${states}`);
  return Number(layer);
}
