// The flags of `crosstag vectors`, and what its two ways of making vectors share.
import type { Argv } from 'yargs';
import type { GivenList } from '../encoder/pairs.ts';
import type { DescribedVectors } from '../encoder/vectors/vectors-folder.ts';
import type { Engine } from '../tensor/index.ts';
import { type ArgumentsOf, fromYargs, wholeNumber, withGeneral, withJson } from './command.ts';
import { type LanguageFile, languageFiles } from './language-files.ts';

export function options(yargs: Argv) {
  return withGeneral(withJson(yargs))
    .option('text', {
      type: 'string',
      array: true,
      describe: 'LANGUAGE=FILE, twice: plain text, a sentence a line, and its language (BCP 47)',
    })
    .option('vectors', {
      type: 'string',
      array: true,
      describe: 'LANGUAGE=FILE of every language, instead of texts: vectors of one space, brought down to --dimension',
    })
    .option('out', {
      type: 'string',
      demandOption: true,
      describe: 'Folder for <language>.vec of all languages; older ones of them there are replaced',
    })
    .option('pairs', { type: 'string', describe: 'Word list, a pair a line, of the first and the second language' })
    .option('dictionary', { type: 'string', describe: 'Word list to score the result on: others than in --pairs' })
    .option('dimension', { type: 'number', default: 128, describe: 'Numbers of a vector: those of the encoder' })
    .option('most', {
      type: 'number',
      describe: 'Words of a language that get a vector, at most (default: 50000; of given vectors 200000)',
    })
    .check((args) => {
      const { text, vectors, pairs, dictionary, dimension, most } = fromYargs(args);
      if ((text === undefined) === (vectors === undefined)) throw new Error('give either --text or --vectors');
      if (pairs === '-' && dictionary === '-') throw new Error('--pairs and --dictionary cannot both be stdin');
      if (text && languageFiles('--text', text).length !== 2) throw new Error('--text takes a text of two languages');
      if (vectors) checkGiven(languageFiles('--vectors', vectors).length, { pairs, dictionary });
      if (dimension > MOST_DIMENSIONS) throw new Error(`--dimension takes a whole number up to ${MOST_DIMENSIONS}`);
      return wholeNumber('--dimension', dimension, 2) && wholeNumber('--most', most, 2);
    });
}

const MOST_DIMENSIONS = 1024;

function checkGiven(count: number, { pairs, dictionary }: { pairs: unknown; dictionary: unknown }): void {
  if (count === 0) throw new Error('--vectors takes LANGUAGE=FILE');
  if (pairs !== undefined) throw new Error('--pairs is for --text: given vectors stay where they lie');
  if (dictionary !== undefined && count < 2) throw new Error('--dictionary takes vectors of two languages');
}

export type Arguments = ArgumentsOf<typeof options>;

/** What either way of making them works with. */
export interface Means {
  readonly files: readonly LanguageFile[];
  readonly engine: Engine;
  readonly threads: number;
  readonly pairs: GivenList | undefined;
  readonly signal: AbortSignal;
}

export interface Made {
  readonly languages: readonly DescribedVectors[];
  /** What vectors.json says beside, for the record. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Said at the end, behind how many words there are. */
  readonly summary: string;
  /** Of the printed object, beside the words. */
  readonly json: Readonly<Record<string, unknown>>;
}
