// The flags of `crosstag train`, and those among them that have a form of their own.
import { existsSync } from 'node:fs';
import type { Argv } from 'yargs';
import { isLanguageTag, isSameLanguage } from '../text/language-tag.ts';
import { fromYargs, wholeNumber, withGeneral, withJson, withReading } from './command.ts';
import { readWeights } from './weights.ts';

export function trainOptions(yargs: Argv) {
  return withGeneral(withReading(withJson(yargs)))
    .option('train', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Labelled files to learn from; LANG=FILE where the language is not --language',
    })
    .option('weights', {
      type: 'string',
      array: true,
      describe: 'FILE=W: the sentences of this file of --train count W times (default: 1)',
    })
    .option('dev', {
      type: 'string',
      describe: 'Labelled file, or LANG=FILE, that chooses the best checkpoint (default: a tenth of --train)',
    })
    .option('test', {
      type: 'string',
      array: true,
      describe: 'Labelled files to score the model on; LANG=FILE where the language is not that of the model',
    })
    .option('out', {
      type: 'string',
      demandOption: true,
      describe: 'Folder of the model; a model that is there is replaced when the new one is whole',
    })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' })
    .option('parts', {
      choices: ['wide', 'deep', 'both'] as const,
      default: 'both' as const,
      describe: 'wide: discrete features, seconds; deep: BiLSTM, minutes; both: their scores add up',
    })
    .option('language', {
      type: 'string',
      describe: 'Language of --train and --dev (BCP 47); an encoder has to know it',
    })
    .option('epochs', { type: 'number', describe: 'Most epochs of the deep part' })
    .option('minutes', { type: 'number', describe: 'Most minutes of the deep part' })
    .option('encoder', { type: 'string', describe: 'Folder of an encoder (crosstag pretrain): the deep part reads it' })
    .option('features', {
      type: 'string',
      describe: 'Layers of the encoder: layer=N from 0, all, fws or sws (default: the middle layer)',
    })
    .option('vectors', {
      type: 'string',
      array: true,
      describe: 'Word vectors that the deep part reads: a FILE for all languages, or LANG=FILE for each',
    })
    .option('target', {
      type: 'string',
      describe: 'Language that the model is for, where it is not --language (BCP 47)',
    })
    .option('target-dev', {
      type: 'string',
      describe: 'Labelled file of the target language (LANG=FILE): scored, and chooses a model of its own beside --dev',
    })
    .option('translate', {
      type: 'string',
      array: true,
      describe:
        'Word lists, `source target` a line: --train and --dev are translated word by word into --target (by a short list, what the wide part learns)',
    })
    .option('keep-originals', {
      type: 'boolean',
      default: false,
      describe: 'With --translate: learn from the untranslated sentences as well',
    })
    .option('hide-words', {
      type: 'number',
      default: 0,
      describe: 'Share (0 to 1) of the training words whose spelling the wide part does not see',
    })
    .option('dev-as-target', {
      type: 'boolean',
      default: true,
      describe: 'The wide part sees no spelling in --dev that the target vocabulary of the encoder does not hold',
    })
    .group(
      [
        'encoder',
        'features',
        'vectors',
        'target',
        'target-dev',
        'translate',
        'keep-originals',
        'hide-words',
        'dev-as-target',
      ],
      'Another language:',
    )
    .check((args) => {
      const { train, weights, epochs, minutes } = fromYargs(args);
      weightsOf({ train, weights });
      if (minutes !== undefined && !(minutes > 0)) throw new Error('--minutes takes a number above 0');
      checkTransfer(fromYargs(args));
      return wholeNumber('--epochs', epochs, 1);
    });
}

interface TransferArguments {
  readonly parts: string;
  readonly language: string | undefined;
  readonly encoder: string | undefined;
  readonly features: string | undefined;
  readonly vectors: readonly string[] | undefined;
  readonly target: string | undefined;
  readonly 'target-dev': string | undefined;
  readonly translate: readonly string[] | undefined;
  readonly 'keep-originals': boolean;
  readonly 'hide-words': number;
}

/** @throws Error for flags that say nothing together */
function checkTransfer(args: TransferArguments): void {
  const { parts, language, encoder, features, vectors, target, translate, 'hide-words': hidden } = args;
  const names = { '--language': language, '--target': target };
  for (const [flag, tag] of Object.entries(names)) {
    if (tag !== undefined && !isLanguageTag(tag)) throw new Error(`${flag} takes a BCP 47 tag such as es, not ${tag}`);
  }
  const ofDev = args['target-dev'] === undefined ? undefined : fileOfLanguage(args['target-dev']).language;
  if (target !== undefined && ofDev !== undefined && !isSameLanguage(target, ofDev)) {
    throw new Error(`--target-dev is in ${ofDev}, but --target is ${target}`);
  }
  if (parts === 'wide' && (encoder !== undefined || vectors !== undefined)) {
    throw new Error('--encoder and --vectors are for the deep part: --parts deep or both');
  }
  if (encoder !== undefined && language === undefined) {
    throw new Error('--encoder needs --language: which of its languages the files of --train are in');
  }
  if (features !== undefined && encoder === undefined) throw new Error('--features needs --encoder');
  if (features !== undefined && !/^(layer=\d+|all|fws|sws)$/.test(features)) {
    throw new Error(`--features takes layer=N, all, fws or sws, not ${features}`);
  }
  if (translate !== undefined && encoder === undefined && target === undefined) {
    throw new Error('--translate needs --target: the language of the translations');
  }
  if (args['keep-originals'] && translate === undefined) throw new Error('--keep-originals needs --translate');
  if (!(hidden >= 0 && hidden <= 1)) throw new Error('--hide-words takes a number from 0 to 1');
}

/** A file and its language, from `LANG=FILE` or `FILE`. */
export interface FileOfLanguage {
  readonly path: string;
  readonly language: string | undefined;
}

/** What looks like `LANG=FILE` and is the name of a file is that file. */
export function fileOfLanguage(argument: string): FileOfLanguage {
  const [, language = '', path] = /^([^=/\\]+)=(.+)$/s.exec(argument) ?? [];
  const isPair = path !== undefined && isLanguageTag(language) && !existsSync(argument);
  return isPair ? { path, language } : { path: argument, language: undefined };
}

/** The weights of training files. @throws Error as `readWeights` does */
export function weightsOf({
  train,
  weights,
}: {
  readonly train: readonly string[];
  readonly weights: readonly string[] | undefined;
}): ReadonlyMap<string, number> {
  const names = train.map((given) => fileOfLanguage(given).path);
  return readWeights(weights, { what: 'FILE', flag: '--train', names });
}
