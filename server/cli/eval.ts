// `crosstag eval`: scores as conlleval counts them.
import type { Argv } from 'yargs';
import { evaluate as evaluateTags } from '../tags/index.ts';
import {
  detectFormat,
  type Format,
  InputError,
  parseDocument,
  readTextFile,
  refuseJsonArray,
  requireTokens,
  type TextDocument,
} from '../text/index.ts';
import { positionAt } from '../workspace/positions.ts';
import { type ArgumentsOf, defineCommand, withGeneral, withJson, withReading } from './command.ts';
import { nameOf, readDocument, readGold, requireWellFormed } from './data.ts';
import { print, printJson } from './output.ts';
import { scoreAsJson, scoreAsText } from './score.ts';
import { goldColumn } from './two-columns.ts';

type Tags = readonly (string | undefined)[];

function options(yargs: Argv) {
  return withGeneral(withReading(withJson(yargs)))
    .positional('gold', { type: 'string', demandOption: true, describe: 'File with the right labels' })
    .positional('predicted', {
      type: 'string',
      describe: 'File with the labels to score (default: the last column of GOLD, and the one before is gold)',
    })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' })
    .option('fail-under', { type: 'number', describe: 'Status 1 where F1 (POS: accuracy) is lower, 0 to 100' })
    .check(({ 'fail-under': least = 0 }) => {
      if (least >= 0 && least <= 100) return true;
      throw new Error('--fail-under takes a number from 0 to 100');
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const evaluate = defineCommand({
  usage: 'eval <gold> [predicted]',
  summary: 'Score labels: exact-span precision, recall and F1, or accuracy for parts of speech',
  example: ['$0 eval samples/portuguese/test.iob2 tagged/test.iob2', 'the table of conlleval and a confusion matrix'],
  options,
  async run(args, { signal }) {
    const { gold, predicted, task } =
      args.predicted === undefined ? await oneFile(args) : await twoFiles({ ...args, predicted: args.predicted });
    const result = evaluateTags(gold, predicted, task);
    signal.throwIfAborted();
    if (args.json) await printJson(scoreAsJson(result));
    else await print(scoreAsText(result));
    const score = task === 'ner' ? result.f1 : result.accuracy;
    return args['fail-under'] !== undefined && score < args['fail-under'] ? 1 : 0;
  },
});

/** Formats that have a place for one label of a token. What is taken for raw text may be columns nobody could tell. */
const ONE_LABEL: ReadonlySet<Format> = new Set<Format>(['conllu', 'uner', 'jsonl', 'standoff']);

/** Gold and predicted labels are the last two columns. */
async function oneFile({ gold: path, task, format, lenient }: Arguments) {
  const text = await readTextFile(path);
  const found = format ?? detectFormat(path, text);
  if (ONE_LABEL.has(found)) {
    const remedy = `name a second file with the predicted ones: crosstag eval ${path} PREDICTED`;
    throw new InputError(`the file holds one column of labels (${found})`, remedy, { path: nameOf(path) });
  }
  refuseJsonArray(found, text, nameOf(path));
  const document = parseDocument(text, { format: 'conll', ...(task && { task }) });
  requireWellFormed(document, nameOf(path), lenient);
  requireTokens(document, nameOf(path));
  const sentences = document.sentences.filter(({ tokens }) => tokens.length > 0);
  return {
    gold: sentences.map((sentence) => goldColumn(nameOf(path), document, sentence)),
    predicted: sentences.map(({ tokens }) => tokens.map(({ label }) => label)),
    task: document.task,
  };
}

async function twoFiles(args: Arguments & { predicted: string }) {
  const { gold: goldPath, predicted: path, format, lenient } = args;
  const gold = await readGold(goldPath, { format, lenient, task: args.task });
  const predicted = await readDocument(path, { format, lenient, task: gold.task });
  const tags: Tags[] = [];
  for (const [index, sentence] of predicted.sentences.entries()) {
    if (sentence.tokens.length === 0) continue;
    requireSameWords(goldPath, gold.sentences[tags.length]?.words, { path: nameOf(path), document: predicted, index });
    tags.push(sentence.tokens.map(({ label }) => label));
  }
  if (tags.length !== gold.sentences.length) {
    throw new InputError(
      `${tags.length} sentences, but ${goldPath} has ${gold.sentences.length}`,
      'give the prediction for the same sentences in the same order',
      { path: nameOf(path) },
    );
  }
  return { gold: gold.sentences.map((sentence) => sentence.tags), predicted: tags, task: gold.task };
}

/** @throws InputError at the first word that is not the gold one. */
function requireSameWords(
  goldPath: string,
  words: readonly string[] | undefined,
  { path, document, index }: { path: string; document: TextDocument; index: number },
): void {
  const tokens = document.sentences[index]?.tokens ?? [];
  const at = tokens.findIndex(({ form }, i) => form !== words?.[i]);
  if (at < 0 && tokens.length === words?.length) return;
  const token = tokens[at < 0 ? tokens.length - 1 : at];
  const { line, character } = positionAt(document, document.offsetOf(index) + (token?.start ?? 0));
  const expected = words === undefined ? 'no sentence' : at < 0 ? 'more words' : `the word ${words[at] ?? '(none)'}`;
  throw new InputError(
    `${goldPath} has ${expected} where this file has ${token?.form ?? 'none'}`,
    'give the prediction for the same sentences in the same order',
    { path, line: line + 1, column: character + 1 },
  );
}
