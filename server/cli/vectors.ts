// `crosstag vectors`: cross-lingual word vectors from plain text in two languages.
import type { Argv } from 'yargs';
import { version } from '../../package.json';
import { largestOf } from '../encoder/memory.ts';
import { type GivenList, readGivenList, readWordList } from '../encoder/pairs.ts';
import { removeUnfinished, unfinishedFolder, unfinishedLanguages } from '../encoder/unfinished.ts';
import { scoreTranslation, type TranslationScore } from '../encoder/vectors/bli.ts';
import { type MadeVectors, makeVectors, SELF_LEARNING } from '../encoder/vectors/make-vectors.ts';
import { requireVectorsMemory } from '../encoder/vectors/memory.ts';
import { COUNTING } from '../encoder/vectors/train-words.ts';
import { checkVectorsFolder, writeVectorsFolder } from '../encoder/vectors/vectors-folder.ts';
import { chooseEngine, defaultThreads, type Engine } from '../tensor/index.ts';
import { fileError } from '../text/index.ts';
import { type ArgumentsOf, defineCommand, fromYargs, wholeNumber, withGeneral, withJson } from './command.ts';
import { languageFiles } from './language-files.ts';
import { plural, print, printJson, say } from './output.ts';
import { startProgress } from './progress.ts';
import { nothingScored, translationAsJson, translationAsText } from './translation-score.ts';
import { showVectors } from './vectors-progress.ts';

function options(yargs: Argv) {
  return withGeneral(withJson(yargs))
    .option('text', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'LANGUAGE=FILE, twice: plain text, a sentence a line, and its language (BCP 47)',
    })
    .option('out', { type: 'string', demandOption: true, describe: 'Folder for <language>.vec of both languages' })
    .option('pairs', { type: 'string', describe: 'Word list, a pair a line, of the first and the second language' })
    .option('dictionary', { type: 'string', describe: 'Word list to score the result on: others than in --pairs' })
    .option('dimension', { type: 'number', default: 128, describe: 'Numbers of a vector: those of the encoder' })
    .option('most', { type: 'number', default: 50_000, describe: 'Words of a language that get a vector, at most' })
    .check((args) => {
      const { text, pairs, dictionary, dimension, most } = fromYargs(args);
      if (pairs === '-' && dictionary === '-') throw new Error('--pairs and --dictionary cannot both be stdin');
      if (languageFiles('--text', text).length !== 2) throw new Error('--text takes a text of two languages');
      if (dimension > MOST_DIMENSIONS) throw new Error(`--dimension takes a whole number up to ${MOST_DIMENSIONS}`);
      return wholeNumber('--dimension', dimension, 2) && wholeNumber('--most', most, 2);
    });
}

const MOST_DIMENSIONS = 1024;

type Arguments = ArgumentsOf<typeof options>;

export const vectors = defineCommand({
  usage: 'vectors',
  summary: 'Make cross-lingual word vectors from plain text in two languages',
  example: [
    '$0 vectors --text pt=pt.txt --text wo=wo.txt --out vectors/pt-wo',
    'vectors for crosstag pretrain --template winit_layer_avl',
  ],
  options,
  resume: ({ out, text }) => {
    const languages = languageFiles('--text', text).map(({ language }) => language);
    const kept = unfinishedLanguages(out, languages).map((language) => unfinishedFolder(out, language));
    if (kept.length === 0) return 'nothing was written';
    return `what was made is in ${kept.join(' and ')}: run the same command again to go on`;
  },
  async run(args, { signal, ifInterrupted }) {
    await checkVectorsFolder(args.out);
    const texts = languageFiles('--text', args.text);
    const pairs = args.pairs === undefined ? undefined : await readGivenList(args.pairs, say);
    const dictionary = args.dictionary === undefined ? undefined : await readWordList(args.dictionary, say);
    const { need, isFree } = requireVectorsMemory(args, await largestOf(texts));
    say(isFree ? need : `warning: ${need}`);
    const engine = await chooseEngine(args.engine, args.threads);
    const threads = args.threads ?? defaultThreads();
    const start = performance.now();
    const made = await make(args, { engine, threads, pairs, signal });
    const [source, target] = made.languages;
    const languages = texts.map(({ language }) => language);
    const pause = async () => signal.throwIfAborted();
    ifInterrupted(`the vectors in ${args.out} are whole; only the score of --dictionary is missing`);
    let bli: TranslationScore | undefined;
    try {
      bli = dictionary && (await scoreTranslation({ source, target, dictionary, engine, threads, pause }));
    } finally {
      // They are finished, whatever becomes of their score
      await writeVectorsFolder(args.out, languages, made, factsOf(args, pairs, bli && translationAsJson(bli)));
      await removeUnfinished(args.out, languages);
    }
    if (dictionary && bli === undefined) throw nothingScored(args.dictionary!, languages);
    const seconds = (performance.now() - start) / 1000;
    const words = Object.fromEntries(languages.map((language, i) => [language, made.languages[i]!.words.length]));
    say(`${args.out}: ${summary(words, made)}, after ${seconds.toFixed(1)} s`);
    if (args.json) {
      const { identical, rounds, objective } = made;
      const mapped = { identical, pairs: made.pairs, rounds, similarity: objective };
      await printJson({ words, mapped, bli: bli === undefined ? null : translationAsJson(bli), seconds });
    } else if (bli !== undefined) await print(translationAsText(bli));
    return 0;
  },
});

interface Means {
  readonly engine: Engine;
  readonly threads: number;
  readonly pairs: GivenList | undefined;
  readonly signal: AbortSignal;
}

async function make({ text, out, dimension, most, seed }: Arguments, means: Means): Promise<MadeVectors> {
  const [first, second] = languageFiles('--text', text);
  const progress = startProgress();
  try {
    const settings = { dimension, most, seed, ...means };
    return await makeVectors({ texts: [first!, second!], ...settings, out, progress: showVectors(progress) });
  } catch (error) {
    throw fileError(error, out);
  } finally {
    progress.stop();
  }
}

/** What vectors.json says of how they were made, beside what is said of the languages. */
function factsOf({ dimension, most, seed }: Arguments, pairs: GivenList | undefined, bli: unknown) {
  return {
    settings: { dimension, most, ...COUNTING, ...SELF_LEARNING },
    ...(pairs !== undefined && { word_list: { sha256: pairs.sha256 } }),
    ...(bli !== undefined && { bli }),
    seed,
    crosstag: version,
    created: new Date().toISOString(),
  };
}

function summary(words: Readonly<Record<string, number>>, { identical, pairs, rounds }: MadeVectors): string {
  const vectors = Object.entries(words).map(([language, count]) => `${plural(count, 'word')} of ${language}`);
  const start = [
    ...(identical > 0 ? [plural(identical, 'identical string')] : []),
    ...(pairs > 0 ? [`${plural(pairs, 'pair')} of the list`] : []),
  ];
  const learnt = rounds > 0 ? ` and ${plural(rounds, 'round')} of self-learning` : '';
  return `${vectors.join(', ')}, aligned by ${start.join(', ')}${learnt}`;
}
