// `crosstag tag`: tags files in any readable format.
import { basename, join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import type { Tagger } from '../tagger/index.ts';
import {
  ANNOTATION,
  annotationFileOf,
  formatOfExtension,
  InputError,
  isAnnotated,
  type TextDocument,
} from '../text/index.ts';
import { type ArgumentsOf, defineCommand, wholeNumber, withGeneral, withReading } from './command.ts';
import { nameOf, readDocument } from './data.ts';
import { makeFolder, plural, print, say, writeOutput } from './output.ts';
import { coloured, inFormat, jsonLines, type TaggedDocument, wordsOf } from './tagged.ts';
import { requireTaskOf, tagAll, withTagger } from './tagging.ts';

function options(yargs: Argv) {
  return withGeneral(withReading(yargs))
    .positional('model', { type: 'string', demandOption: true, describe: 'Folder of the model' })
    .positional('path', { type: 'string', array: true, demandOption: true, describe: 'Files, `-` for stdin' })
    .option('out', { type: 'string', default: '-', describe: 'Folder for the results, `-` for stdout' })
    .option('language', {
      type: 'string',
      describe:
        'Language of the text (BCP 47): where words of raw text end, and how the encoder of the model reads them',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'JSON lines, a sentence each, instead of the format of the file; offsets from 0 in UTF-16 units',
    })
    .option('marginals', { type: 'boolean', default: false, describe: 'With --json: the probability of every tag' })
    .option('nbest', { type: 'number', describe: 'With --json: the N best sequences of tags' })
    .option('color', {
      type: 'boolean',
      describe: 'Show raw text with its entities in colour (default: on a terminal)',
    })
    .check(({ nbest, json, marginals }) => {
      if (!json && (marginals || nbest !== undefined)) throw new Error('--marginals and --nbest need --json');
      return wholeNumber('--nbest', nbest, 1);
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const tag = defineCommand({
  usage: 'tag <model> <path..>',
  summary: 'Tag files with a model',
  example: ['$0 tag samples/.crosstag/models/ner/1 samples/portuguese/news.txt', 'needs the model of npm run demo'],
  options,
  async run(args, { signal, ifInterrupted }) {
    const targets = targetsOf(args);
    const total = { sentences: 0, words: 0, seconds: 0 };
    await withTagger(args.model, { ...args, signal }, async (tagger) => {
      if (args.out !== '-') await makeFolder(args.out);
      sayLanguage(tagger, args.language);
      for (const [index, path] of args.path.entries()) {
        const { tagged, seconds } = await tagFile(tagger, path, args, signal);
        total.sentences += tagged.answers.length;
        total.words += wordsOf(tagged.document).reduce((sum, words) => sum + words.length, 0);
        total.seconds += seconds;
        await write(tagged, targets[index], args);
        const place = args.out === '-' ? 'on stdout' : `in ${args.out}`;
        const done = `${index + 1} of ${plural(args.path.length, 'file')}, up to ${path}`;
        ifInterrupted(`the results of ${done}, are whole ${place}; tag the others again`);
      }
    });
    const speed = total.seconds > 0 ? Math.round(total.words / total.seconds) : 0;
    const { sentences, words } = total;
    const summary = { sentences, words, words_per_second: speed };
    if (!args.json) say(`${plural(sentences, 'sentence')}, ${plural(words, 'word')}, ${plural(speed, 'word')}/s`);
    else if (args.out === '-') say(JSON.stringify(summary));
    else await print(`${JSON.stringify(summary)}\n`);
    return 0;
  },
});

async function tagFile(tagger: Tagger, path: string, args: Arguments, signal: AbortSignal) {
  const { format, language, lenient, nbest } = args;
  const document = await readDocument(path, { format, language, lenient });
  if (!args.json) requirePlaceFor(tagger, document, path);
  const start = performance.now();
  const answers = await tagAll(tagger, wordsOf(document), `tagging ${path}`, {
    marginals: args.json,
    ...(nbest === undefined ? {} : { nbest }),
    ...(language === undefined ? {} : { language }),
    signal,
  });
  const tagged: TaggedDocument = { path, document, answers, tagger };
  return { tagged, seconds: (performance.now() - start) / 1000 };
}

/** Which language is assumed where the model knows several and none is named. */
function sayLanguage({ language, languages }: Tagger, named: string | undefined): void {
  const others = languages.filter((other) => other !== language);
  if (named !== undefined || language === undefined || others.length === 0) return;
  say(`taking the text for ${language}; for ${others.join(', ')} say --language`);
}

/** @throws InputError where the label column is for something else than what the model gives, or could not hold it. */
function requirePlaceFor(tagger: Tagger, document: TextDocument, path: string): void {
  const blank = document.blanks || isAnnotated(document) ? undefined : tagger.tags.find((tag) => /\s/.test(tag));
  if (blank !== undefined) {
    const remedy = 'separate them by tabs, or print the tags apart from the file with --json';
    throw new InputError(`blanks separate the columns, but the model gives ${blank}`, remedy, { path: nameOf(path) });
  }
  requireTaskOf(tagger, document, path, 'print the tags apart from the file with --json');
}

async function write(tagged: TaggedDocument, target: string | undefined, args: Arguments): Promise<void> {
  const { document } = tagged;
  if (args.json) return writeOutput(target ?? '-', jsonLines(tagged, args.marginals));
  if (document.format === 'txt' && target === undefined && (args.color ?? process.stdout.isTTY)) {
    return print(coloured(tagged));
  }
  const beside = target !== undefined && isAnnotated(document) && !ANNOTATION.test(target);
  await writeOutput(beside ? annotationFileOf(target) : (target ?? '-'), inFormat(tagged));
  if (beside) await writeOutput(target, document.text);
}

/**
 * Where the result of each file goes; undefined: stdout. Of raw text that is a copy, and its annotations stand beside it.
 * @throws InputError where a result would replace an input or another result
 */
function targetsOf({ path: paths, out, json, format }: Arguments): (string | undefined)[] {
  if (out === '-') return paths.map(() => undefined);
  const inputs = new Set(paths.map((path) => resolve(path)));
  const taken = new Set<string>();
  return paths.map((path) => {
    const name = path === '-' ? 'stdin' : basename(path);
    const target = join(out, json ? `${name}.jsonl` : name);
    // Whether it is raw text is not known before it is read, unless its name says that it is not.
    const mayBeRaw = (format ?? formatOfExtension(path) ?? 'txt') === 'txt';
    const places = json || !mayBeRaw ? [target] : [target, annotationFileOf(target)];
    if (places.some((place) => inputs.has(resolve(place)))) {
      throw new InputError('the result would replace this file', 'name another folder with --out', { path });
    }
    const twice = places.find((place) => taken.has(resolve(place)));
    if (twice !== undefined) {
      throw new InputError(`two results would be ${twice}`, 'tag the files of each folder on their own', { path });
    }
    for (const place of places) taken.add(resolve(place));
    return target;
  });
}
