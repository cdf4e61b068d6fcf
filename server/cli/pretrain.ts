// `crosstag pretrain`: trains an encoder on plain text in two or more languages.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import {
  checkpointFolder,
  DESCRIPTION,
  type PretrainReport,
  pretrainEncoder,
  SIZES,
  TEMPLATES,
} from '../encoder/index.ts';
import { type LanguageList, type LanguageListFile, languagesNamed, readGivenList } from '../encoder/pairs.ts';
import { unfinishedLanguages } from '../encoder/unfinished.ts';
import { aloneIn } from '../learning/lock.ts';
import { fileError, InputError } from '../text/index.ts';
import { ENCODER_DEFAULTS } from '../workspace/project-schema.ts';
import { alignmentOf } from './alignment.ts';
import { type ArgumentsOf, defineCommand, fromYargs, wholeNumber, withGeneral, withJson } from './command.ts';
import { languageFiles } from './language-files.ts';
import { plural, print, printJson, say } from './output.ts';
import { showPretraining } from './pretraining-progress.ts';
import { startProgress } from './progress.ts';
import { readWeights } from './weights.ts';

function options(yargs: Argv) {
  return withGeneral(withJson(yargs))
    .option('text', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'LANGUAGE=FILE, twice or more: plain text, a sentence a line, and its language (BCP 47)',
    })
    .option('weights', {
      type: 'string',
      array: true,
      describe: 'LANGUAGE=W: the language model of this language counts W times (default: 1)',
    })
    .option('out', { type: 'string', demandOption: true, describe: 'Folder of the encoder' })
    .option('template', {
      choices: TEMPLATES,
      default: ENCODER_DEFAULTS.template,
      describe: 'What pulls the languages together: identical strings, mean and variance, average linkage',
    })
    .option('alignment', {
      type: 'string',
      array: true,
      describe: 'NAME=VALUE: what of it shall be otherwise, such as distance=cosine, adversarial=0.5 or pairs=20',
    })
    .option('keep-case', {
      type: 'boolean',
      default: false,
      describe: 'Words are not lower-cased: Sun is another word than sun',
    })
    .option('schedule', {
      choices: ['sqrt', 'exp', 'none'] as const,
      default: 'sqrt' as const,
      describe: 'Learning rate: warm-up, then falling with the root of the steps; times 0.9 every 100 steps; constant',
    })
    .option('size', { choices: SIZES, default: ENCODER_DEFAULTS.size, describe: 'Size of the encoder' })
    .option('pairs', {
      type: 'string',
      array: true,
      describe:
        'FILE or LANGUAGE-LANGUAGE=FILE: word lists, a pair a line (default: of the first and the second language)',
    })
    .option('vectors', {
      type: 'string',
      array: true,
      describe: 'LANGUAGE=FILE: word vectors to start from; not with --resume',
    })
    .option('steps', { type: 'number', describe: 'Most steps (default: those of the size)' })
    .option('minutes', { type: 'number', describe: 'Most minutes, interrupted runs included' })
    .option('resume', {
      type: 'boolean',
      default: false,
      describe: 'Train the encoder in --out further; an interrupted run goes on without it',
    })
    .option('from', { type: 'string', describe: 'Train the encoder in this folder further, into --out' })
    .option('finish', {
      type: 'boolean',
      default: false,
      describe: 'End an interrupted run: what it has learnt becomes the encoder',
    })
    .check((args) => {
      const { text, weights, vectors, template, alignment, pairs, minutes, steps, resume, from, finish } =
        fromYargs(args);
      const texts = languageFiles('--text', text);
      textsOf({ text, weights });
      if (texts.length < 2) throw new Error('--text takes a text of two languages or more');
      pairsOf({ text, pairs });
      const given = languageFiles('--vectors', vectors);
      for (const { language } of given) {
        if (!texts.some((one) => one.language === language))
          throw new Error(`--vectors: there is no text in ${language}`);
      }
      if (template === 'winit_layer_avl' && given.length === 0) {
        throw new Error('--template winit_layer_avl takes --vectors, which crosstag vectors makes');
      }
      if (alignmentOf(alignment).pairs !== undefined && pairs === undefined) {
        throw new Error('--alignment pairs takes --pairs');
      }
      if (from !== undefined && resume)
        throw new Error('--resume trains the encoder in --out further: leave out --from');
      if (finish && (from !== undefined || resume))
        throw new Error('--finish ends a run: leave out --from and --resume');
      if (minutes !== undefined && !(minutes > 0)) throw new Error('--minutes takes a number above 0');
      return wholeNumber('--steps', steps, 1);
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const pretrain = defineCommand({
  usage: 'pretrain',
  summary: 'Train an encoder on plain text in two or more languages',
  example: [
    '$0 pretrain --text en=samples/novels/en.txt.gz --text es=samples/novels/es.txt.gz --out encoders/en-es --size tiny --minutes 5',
    'a small encoder of English and Spanish',
  ],
  options,
  resume: ({ out, text }) => {
    const again = 'run the same command again to go on';
    if (existsSync(checkpointFolder(out))) return `what was learnt is in ${checkpointFolder(out)}: ${again}`;
    const languages = languageFiles('--text', text).map(({ language }) => language);
    const counted = unfinishedLanguages(out, languages);
    if (counted.length === 0) return 'nothing was to be kept yet: run the same command again to start anew';
    return `the words of ${counted.join(', ')} are counted: ${again}`;
  },
  async run(args, { signal }) {
    const report = await withProgress(args, signal);
    const { steps, words, wordsPerSecond, seconds, perplexity, alignment, resumed, stopped } = report;
    say(`${args.out}: ${plural(steps, 'step')}, ${plural(words, 'word')}, after ${seconds.toFixed(1)} s`);
    if (args.json) {
      const known = { steps, words, words_per_second: Math.round(wordsPerSecond), perplexity, alignment };
      await printJson({ ...known, seconds, resumed, stopped });
    } else await print(asText(report));
    return 0;
  },
});

async function withProgress(args: Arguments, signal: AbortSignal): Promise<PretrainReport> {
  const { vectors, out, template, alignment, size, steps, minutes, resume, finish, seed, threads, engine } = args;
  const from = resume ? out : args.from;
  const texts = textsOf(args);
  const isBegun = existsSync(checkpointFolder(out));
  const isFinished = !isBegun && existsSync(join(out, DESCRIPTION));
  if (isFinished && !resume) {
    const remedy = 'train it further with --resume, or with --from into another folder; or name another one with --out';
    throw new InputError('a finished encoder is there', remedy, { path: out });
  }
  if (resume && !isBegun && !isFinished) {
    throw new InputError('there is no encoder to train further', 'leave out --resume', { path: out });
  }
  const progress = startProgress();
  try {
    return await aloneIn(out, 'encoder', async () =>
      pretrainEncoder({
        ...{ texts, out, template, size, finish, seed, engine, signal },
        ...(from !== undefined && { from }),
        alignment: alignmentOf(alignment),
        config: { lowerCase: !args['keep-case'], schedule: args.schedule },
        pairs: await readLists(pairsOf(args), (message) => progress.log(message)),
        ...(vectors !== undefined && { vectors: languageFiles('--vectors', vectors) }),
        limits: { ...(steps !== undefined && { steps }), ...(minutes !== undefined && { minutes }) },
        ...(threads !== undefined && { threads }),
        progress: showPretraining(progress),
        warn: (message) => progress.log(`warning: ${message}`),
        note: (message) => progress.log(message),
      }),
    );
  } catch (error) {
    throw fileError(error, out);
  } finally {
    progress.stop();
  }
}

/** The texts with their weights. @throws Error as `languageFiles` and `readWeights` do */
function textsOf({ text, weights }: Pick<Arguments, 'text' | 'weights'>) {
  const files = languageFiles('--text', text);
  const names = files.map(({ language }) => language);
  const given = readWeights(weights, { what: 'LANGUAGE', flag: '--text', names });
  return files.map((file) => {
    const weight = given.get(file.language);
    return weight === undefined ? file : { ...file, weight };
  });
}

/**
 * The word lists and their languages.
 * @throws Error for a name that means no two texts, and for two lists of the same languages
 */
function pairsOf({ text, pairs = [] }: Partial<Pick<Arguments, 'text' | 'pairs'>>): LanguageListFile[] {
  const known = languageFiles('--text', text).map(({ language }) => language);
  const names = new Set<string>();
  if (pairs.filter((given) => /(?:^|=)-$/.test(given)).length > 1)
    throw new Error('--pairs: two lists cannot both be stdin');
  return pairs.map((given) => {
    const [, name, path] = /^([^=/\\]+)=(.+)$/s.exec(given) ?? [];
    const isNamed = name !== undefined && path !== undefined && !existsSync(given);
    const languages = isNamed ? languagesNamed(name, known) : ([known[0]!, known[1]!] as const);
    if (languages === undefined)
      throw new Error(`--pairs: ${name} names no two languages of --text: write one such as ${known[0]}-${known[1]}`);
    if (names.size === names.add([...languages].sort().join('-')).size)
      throw new Error(`--pairs names ${languages.join('-')} twice`);
    return { languages, list: isNamed ? path : given };
  });
}

/** Reads them once, for a pipe cannot be read twice; an interrupted run goes on where it gives the same lists again. */
async function readLists(pairs: readonly LanguageListFile[], tell: (message: string) => void): Promise<LanguageList[]> {
  const lists: LanguageList[] = [];
  for (const { languages, list } of pairs) lists.push({ languages, list: await readGivenList(list, tell) });
  return lists;
}

function asText({ perplexity, alignment }: PretrainReport): string {
  const rows = Object.entries(perplexity).map(
    ([language, { forward, backward }]) =>
      `perplexity ${language}: ${forward.toFixed(1)} forward, ${backward.toFixed(1)} backward\n`,
  );
  const losses = Object.entries(alignment).map(([name, loss]) => `${name}: ${loss.toFixed(4)}\n`);
  return [...rows, ...losses].join('');
}
