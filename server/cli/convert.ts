// `crosstag convert`: one format or tag scheme into another.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { convertTags, detectScheme, SCHEMES, spansOf } from '../tags/index.ts';
import {
  ANNOTATION,
  annotationFilesOf,
  type Converted,
  convertDocument,
  FORMATS,
  type Format,
  formatOfExtension,
  InputError,
  type TextDocument,
} from '../text/index.ts';
import { type ArgumentsOf, defineCommand, withGeneral, withJson } from './command.ts';
import { nameOf, readFile, requireWellFormed, TEXT } from './data.ts';
import { plural, print, say, writeOutput } from './output.ts';

const SPAN_SCHEMES = SCHEMES.filter((scheme) => scheme !== 'pos');

function options(yargs: Argv) {
  return withGeneral(withJson(yargs))
    .positional('in', { type: 'string', demandOption: true, describe: 'File to convert, `-` for stdin' })
    .positional('out', { type: 'string', demandOption: true, describe: 'File to write, `-` for stdout' })
    .option('from', { alias: 'format', choices: FORMATS, describe: 'Format of IN (default: by name and content)' })
    .option('to', {
      choices: FORMATS,
      describe: 'Format of OUT (default: by its name, .txt being raw text with its .ann beside it, or that of IN)',
    })
    .option('sentences', {
      type: 'boolean',
      default: false,
      describe: 'OUT is plain text, a sentence a line, its words apart by blanks: what pretrain and vectors read',
    })
    .option('scheme', { choices: SPAN_SCHEMES, describe: 'Tag scheme of OUT (default: that of IN)' })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the file holds' })
    .option('language', { type: 'string', describe: 'Language of raw text (BCP 47)' })
    .option('lenient', {
      type: 'boolean',
      default: false,
      describe: 'Warn of malformed lines instead of refusing them',
    })
    .check(({ sentences, to, scheme }) => {
      if (sentences && (to ?? scheme) !== undefined) throw new Error('--sentences goes without --to and --scheme');
      return true;
    });
}

type Arguments = ArgumentsOf<typeof options>;

export const convert = defineCommand({
  usage: 'convert <in> <out>',
  summary: 'Convert a file to another format or tag scheme, and say what the target cannot hold',
  example: ['$0 convert samples/portuguese/dev.iob2 dev.conll --scheme bioes', 'word and tag, two columns'],
  options,
  async run(args, { signal }) {
    const { in: input, out } = args;
    const { document, annotationPath } = await readFile(input, { ...args, format: args.from });
    const to: Format | 'sentences' = args.sentences
      ? 'sentences'
      : (args.to ?? formatOfName(out, input) ?? document.format);
    // A copy keeps malformed lines as they are; anything else would have to guess at them.
    if (to !== document.format || args.scheme !== undefined) requireWellFormed(document, nameOf(input), args.lenient);
    if (to !== document.format && out !== '-' && resolve(out) === resolve(input)) {
      throw new InputError('the result would replace this file, in another format', 'name another file', {
        path: input,
      });
    }
    const summary = summaryOf(document);
    const lost = await (to === 'sentences'
      ? writeSentences(document, out, summary.spans)
      : writeConverted(document, to, args, { signal, wasAnnotated: annotationPath !== undefined }));
    const report = args.json && out !== '-' ? print : async (line: string) => say(line.trimEnd());
    if (args.json) await report(`${JSON.stringify({ ...summary, lost })}\n`);
    else {
      const counts = [
        plural(summary.sentences, 'sentence'),
        plural(summary.tokens, 'token'),
        plural(summary.spans, 'span'),
      ];
      say(`${counts.join(', ')}; ${document.format} to ${to}`);
      for (const line of lost) say(`${to} cannot hold ${line}`);
    }
    return 0;
  },
});

/** @returns what could not be kept */
async function writeSentences({ sentences }: TextDocument, out: string, spans: number): Promise<string[]> {
  const filled = sentences.filter(({ tokens }) => tokens.length > 0);
  await writeOutput(out, filled.map(({ tokens }) => `${tokens.map(({ form }) => form).join(' ')}\n`).join(''));
  return spans > 0 ? [plural(spans, 'span')] : [];
}

/** @returns what could not be kept */
function writeConverted(
  document: TextDocument,
  to: Format,
  args: Arguments,
  { signal, wasAnnotated }: { signal: AbortSignal; wasAnnotated: boolean },
) {
  const converted = convertDocument(document, to, { spansOf, ...schemeOptions(document, args.scheme) });
  signal.throwIfAborted();
  return write(converted, to, args, wasAnnotated);
}

/** What the name of OUT says; `.txt` says nothing where IN is called so too, since columns are often called .txt. */
function formatOfName(out: string, input: string): Format | undefined {
  return formatOfExtension(out) ?? (TEXT.test(out) && !TEXT.test(input) ? 'txt' : undefined);
}

function summaryOf({ sentences, task }: TextDocument) {
  const filled = sentences.filter(({ tokens }) => tokens.length > 0);
  const tags = filled.map(({ tokens }) => tokens.map(({ label }) => label));
  return {
    sentences: filled.length,
    tokens: filled.reduce((sum, { tokens }) => sum + tokens.length, 0),
    spans: task === 'ner' ? tags.reduce((sum, sentence) => sum + spansOf(sentence).length, 0) : 0,
  };
}

/** In a file of several schemes every sentence is read by its own prefixes. */
function schemeOptions(document: TextDocument, scheme: Arguments['scheme']) {
  if (scheme === undefined || document.task !== 'ner') return {};
  const detected = detectScheme(document.sentences.map(({ tokens }) => tokens.map(({ label }) => label)));
  const from = detected.mixed.length > 0 ? undefined : detected.scheme;
  return { convertTags: (tags: readonly (string | undefined)[]) => convertTags(tags, scheme, from) };
}

/**
 * Writes the result; raw text and its annotations are two files, the latter where there are any or were any.
 * @returns what could not be kept
 */
async function write(
  { text, annotations, lost }: Converted,
  to: Format,
  { in: input, out }: Arguments,
  wasAnnotated: boolean,
) {
  if (annotations === undefined) {
    await writeOutput(out, text);
    return lost;
  }
  if (out === '-') {
    await print(to === 'txt' ? text : annotations);
    return to === 'txt' ? [...lost, 'labels (they stand in the annotations: --to standoff)'] : lost;
  }
  const [textPath, annotationPath] = ANNOTATION.test(out)
    ? [out.replace(ANNOTATION, '.txt$1'), out]
    : [out, annotationFilesOf(out).at(-1)!];
  if (textPath !== out && resolve(textPath) === resolve(input)) {
    throw new InputError('the text would be written over this file', 'name another file', { path: input });
  }
  const wanted = annotations !== '' || wasAnnotated || annotationPath === out;
  if (!wanted && existsSync(annotationPath)) {
    throw new InputError('these annotations are of another text', 'name another file, or delete them', {
      path: annotationPath,
    });
  }
  await writeOutput(textPath, text);
  if (wanted) await writeOutput(annotationPath, annotations);
  return lost;
}
