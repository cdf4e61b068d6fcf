// `crosstag agreement`: how far annotators agree, and where they do not.
import type { Argv } from 'yargs';
import {
  type Agreement,
  agreement as agreementOf,
  type Disagreement,
  disagreements,
  type Measures,
  OUTSIDE,
} from '../tags/index.ts';
import { contentHash, InputError, type Task, UNDECIDED } from '../text/index.ts';
import { positionAt } from '../workspace/positions.ts';
import { type ArgumentsOf, defineCommand, withGeneral, withJson, withReading } from './command.ts';
import { type LabelledFile, readLabelled, sharedTask } from './data.ts';
import { plural, print, printJson, say } from './output.ts';
import { confusionAsText, tableAsText } from './score.ts';

function options(yargs: Argv) {
  return withGeneral(withReading(withJson(yargs)))
    .positional('file', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Files with the same sentences, one of each annotator; two or more',
    })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' })
    .check(({ file }) => {
      if ((file as string[]).length > 1) return true;
      throw new Error('agreement takes two files or more');
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const agreement = defineCommand({
  usage: 'agreement <file..>',
  summary: 'Compare annotators: F1, kappa and alpha, by label, and where they disagree',
  example: [
    '$0 agreement samples/portuguese/dev.iob2 tagged/dev.iob2',
    'a table, a matrix of labels, and a line for each disagreement',
  ],
  options,
  async run(args, { signal }) {
    const files = await readAll(args);
    signal.throwIfAborted();
    const task = sharedTask(files, 'compare files of one task, or say which with --task');
    const shared = sharedSentences(files);
    for (const [i, { path, sentences }] of files.entries()) {
      const others = sentences.length - shared[i]!.length;
      if (others > 0) say(`${path}: ${plural(others, 'sentence')} not in all files; left out`);
    }
    const annotations = shared.map((indices, i) => indices.map((index) => files[i]!.sentences[index]!.tags));
    const found = agreementOf(annotations, task);
    const place = placing(files[0]!, shared[0]!, task);
    const places = disagreements(annotations, task).map(place);
    const names = files.map(({ path }) => path);
    const sentences = shared[0]!.length;
    if (args.json) {
      const { types, tokens, pairs } = found;
      const matrices = pairs.map(({ one, other, confusion }) => ({
        one: names[one],
        other: names[other],
        ...confusion,
      }));
      const ofTypes = Object.fromEntries(Object.entries(types).map(([type, of]) => [type, measuresAsJson(of)]));
      const more = { task, types: ofTypes, sentences, tokens, disagreements: places, matrices };
      await printJson({ ...measuresAsJson(found), ...more });
    } else await print(asText(found, names, sentences, places));
    return 0;
  },
});

async function readAll({ file, format, lenient, task }: Arguments): Promise<LabelledFile[]> {
  const files: LabelledFile[] = [];
  for (const path of file) files.push(await readLabelled(path, { format, lenient, task }));
  return files;
}

/**
 * The sentences that stand in all files, by their words, as often as in the file that has them least often: numbers of
 * sentences of each file, in the order of the first.
 * @throws InputError where there is none
 */
function sharedSentences(files: readonly LabelledFile[]): number[][] {
  const byWords = files.map(({ sentences }) => {
    const places = new Map<string, number[]>();
    for (const [index, { words }] of sentences.entries()) {
      const hash = contentHash(words);
      const known = places.get(hash);
      if (known === undefined) places.set(hash, [index]);
      else known.push(index);
    }
    return places;
  });
  const shared: number[][] = files.map(() => []);
  const seen = new Map<string, number>();
  for (const { words } of files[0]!.sentences) {
    const hash = contentHash(words);
    const nth = seen.get(hash) ?? 0;
    seen.set(hash, nth + 1);
    const indices = byWords.map((places) => places.get(hash)?.[nth]);
    if (indices.some((index) => index === undefined)) continue;
    for (const [i, index] of indices.entries()) shared[i]!.push(index!);
  }
  if (shared[0]!.length > 0) return shared;
  throw new InputError(`no sentence has the same words as in ${files[0]!.path}`, 'give files with the same sentences', {
    path: files[1]!.path,
  });
}

interface PlacedDisagreement {
  /** In the first file; lines and columns from 1. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly words: readonly string[];
  /** What each annotator has there, in the order of the files: `PER`, `O`, `_`, or `PER (Ana), LOC (Faro)` for parts. */
  readonly labels: readonly string[];
}

/** Where disagreements about the shared sentences stand in the first file. */
function placing(
  { path, document, sentences }: LabelledFile,
  shared: readonly number[],
  task: Task,
): (disagreement: Disagreement) => PlacedDisagreement {
  const withTokens = document.sentences.flatMap(({ tokens }, i) => (tokens.length > 0 ? [i] : []));
  return ({ sentence, start, end, spans }) => {
    const { words } = sentences[shared[sentence]!]!;
    const index = withTokens[shared[sentence]!]!;
    const at = document.offsetOf(index) + document.sentences[index]!.tokens[start]!.start;
    const { line, character } = positionAt(document, at);
    const labels = spans.map((all) => {
      if (all === undefined) return UNDECIDED;
      if (all.length === 0) return task === 'ner' ? OUTSIDE : UNDECIDED;
      const isWhole = all.length === 1 && all[0]!.start === start && all[0]!.end === end;
      if (isWhole) return all[0]!.label;
      return all.map((span) => `${span.label} (${words.slice(span.start, span.end).join(' ')})`).join(', ');
    });
    return { path, line: line + 1, column: character + 1, words: words.slice(start, end), labels };
  };
}

/** `null` where there is nothing to compare. */
function measuresAsJson({ kappa, alpha, f1 }: Measures) {
  return { kappa: kappa ?? null, alpha: alpha ?? null, f1: f1 ?? null };
}

function asText(
  { types, tokens, pairs, ...all }: Agreement,
  names: readonly string[],
  sentences: number,
  places: readonly PlacedDisagreement[],
): string {
  const row = (name: string, { f1, kappa, alpha }: Measures) => [
    ...[name, f1?.toFixed(2) ?? '–', kappa?.toFixed(3) ?? '–', alpha?.toFixed(3) ?? '–'],
  ];
  const rows = [row('all', all), ...Object.entries(types).map(([type, of]) => row(type, of))];
  const parts = [
    `${plural(sentences, 'sentence')}, ${plural(tokens, 'token')} that two or more have decided`,
    tableAsText([['label', 'F1', "Cohen's kappa", "Krippendorff's alpha"], ...rows]).trimEnd(),
    ...pairs.map(({ one, other, confusion }) =>
      confusionAsText(confusion, `${names[one]} \\ ${names[other]}`).trimEnd(),
    ),
  ];
  const lines = places.map(({ path, line, column, words, labels }) => {
    return `${path}:${line}:${column}: ${words.join(' ')}: ${labels.join(' | ')}\n`;
  });
  return `${parts.join('\n\n')}\n${lines.length > 0 ? `\n${lines.join('')}` : ''}`;
}
