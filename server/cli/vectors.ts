// `crosstag vectors`: cross-lingual word vectors from plain text in two languages, or from given ones with more numbers.
import { version } from '../../package.json';
import { readGivenList, readWordList } from '../encoder/pairs.ts';
import { removeUnfinished, unfinishedFolder, unfinishedLanguages } from '../encoder/unfinished.ts';
import { scoreTranslation, type TranslationScore } from '../encoder/vectors/bli.ts';
import { checkVectorsFolder, writeVectorsFolder } from '../encoder/vectors/vectors-folder.ts';
import { chooseEngine, defaultThreads } from '../tensor/index.ts';
import { messageOf } from '../text/error-message.ts';
import { defineCommand } from './command.ts';
import { languageFiles } from './language-files.ts';
import { plural, print, printJson, say } from './output.ts';
import { nothingScored, translationAsJson, translationAsText } from './translation-score.ts';
import { vectorsFromTexts } from './vectors-from-texts.ts';
import { vectorsFromVectors } from './vectors-from-vectors.ts';
import { options } from './vectors-options.ts';

export const vectors = defineCommand({
  usage: 'vectors',
  summary: 'Make cross-lingual word vectors from plain text in two languages, or from longer vectors',
  example: [
    '$0 vectors --text en=samples/novels/en.txt.gz --text es=samples/novels/es.txt.gz --out vectors/en-es',
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
    const { out } = args;
    const files = args.vectors ? languageFiles('--vectors', args.vectors) : languageFiles('--text', args.text);
    const languages = files.map(({ language }) => language);
    await checkVectorsFolder(out, languages);
    const pairs = args.pairs === undefined ? undefined : await readGivenList(args.pairs, say);
    const dictionary = args.dictionary === undefined ? undefined : await readWordList(args.dictionary, say);
    const engine = await chooseEngine(args.engine, args.threads);
    const threads = args.threads ?? defaultThreads();
    const start = performance.now();
    const make = args.vectors ? vectorsFromVectors : vectorsFromTexts;
    const made = await make(args, { files, engine, threads, pairs, signal });
    const [source, target] = made.languages.map(({ vectors }) => vectors);
    const pause = async () => signal.throwIfAborted();
    ifInterrupted(`the vectors in ${out} are whole; only the score of --dictionary is missing`);
    let score: TranslationScore | undefined;
    try {
      if (dictionary) {
        score = await scoreTranslation({ source: source!, target: target!, dictionary, engine, threads, pause });
      }
    } finally {
      // They are finished, whatever becomes of their score
      const bli = score && { bli: translationAsJson(score) };
      const record = { crosstag: version, created: new Date().toISOString() };
      await writeVectorsFolder(out, made.languages, { ...made.facts, ...bli, ...record });
      if (args.text) {
        await removeUnfinished(out, languages).catch((error) =>
          say(`warning: what was kept to go on cannot be removed: ${messageOf(error)}`),
        );
      }
    }
    if (dictionary && score === undefined) throw nothingScored(args.dictionary!, languages);
    const seconds = (performance.now() - start) / 1000;
    const counts = made.languages.map(
      ({ language, vectors }) => `${plural(vectors.words.length, 'word')} of ${language}`,
    );
    say(`${out}: ${counts.join(', ')}, ${made.summary}, after ${seconds.toFixed(1)} s`);
    if (args.json) {
      const words = Object.fromEntries(made.languages.map(({ language, vectors }) => [language, vectors.words.length]));
      await printJson({ words, ...made.json, bli: score === undefined ? null : translationAsJson(score), seconds });
    } else if (score !== undefined) await print(translationAsText(score));
    return 0;
  },
});
