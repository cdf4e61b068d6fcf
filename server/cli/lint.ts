// `crosstag lint`: malformed lines, illegal tags, inconsistent labels.
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Argv } from 'yargs';
import { foundIn, Linter } from '../features/lint.ts';
import type { ModelAnswers } from '../features/lint-model.ts';
import type { Tagger } from '../tagger/index.ts';
import { FORMATS, isAnnotated, parseDocument, type TextDocument } from '../text/index.ts';
import { disk } from '../workspace/disk.ts';
import { describeModel } from '../workspace/models.ts';
import { type ArgumentsOf, defineCommand, withGeneral } from './command.ts';
import { nameOf, readFile } from './data.ts';
import { asLine, asSarif, type PlacedFinding, placed } from './findings.ts';
import { plural, print, printJson, say } from './output.ts';
import { requireTaskOf, tagAll, withTagger } from './tagging.ts';

function options(yargs: Argv) {
  return withGeneral(yargs)
    .positional('path', { type: 'string', array: true, demandOption: true, describe: 'Files, `-` for stdin' })
    .option('report', {
      choices: ['text', 'json', 'sarif'] as const,
      default: 'text' as const,
      describe: 'Form of the report; lines and columns from 1, columns in UTF-16 units',
    })
    .option('json', { type: 'boolean', default: false, describe: 'The same as --report json: a finding a line' })
    .option('format', { choices: FORMATS, describe: 'Format of the files (default: by name and content)' })
    .option('language', { type: 'string', describe: 'Language of raw text, and as which a model reads it (BCP 47)' })
    .option('model', { type: 'string', describe: 'Folder of a model: labels that it is sure are wrong are found too' })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' });
}

/** Milliseconds of linting at a time. */
const SLICE = 100;

type Arguments = ArgumentsOf<typeof options>;

export const lint = defineCommand({
  usage: 'lint <path..>',
  summary: 'Find malformed lines, illegal tags, inconsistent labels and missed repeats',
  example: ['$0 lint samples/portuguese/dev.iob2', 'one finding a line; status 1 if there are any'],
  options,
  async run(args, { signal }) {
    const report = args.json ? 'json' : args.report;
    const found: PlacedFinding[] = [];
    const lintWith = async (tagger?: Tagger) => {
      for (const path of args.path) {
        signal.throwIfAborted();
        const findings = await lintFile(path, args, signal, tagger);
        if (report === 'text') await print(findings.map(asLine).join(''));
        if (report === 'json') await print(findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''));
        for (const finding of findings) found.push(finding);
      }
    };
    if (args.model === undefined) await lintWith();
    else await withTagger(args.model, { ...args, signal }, lintWith);
    if (report === 'sarif') await printJson(asSarif(found));
    say(summary(found, args.path.length));
    return found.length === 0 ? 0 : 1;
  },
});

async function lintFile(
  path: string,
  { format, task, language, model }: Arguments,
  signal: AbortSignal,
  tagger?: Tagger,
): Promise<PlacedFinding[]> {
  const { document, annotationPath } = await readFile(path, { format, task, language });
  if (tagger) requireTaskOf(tagger, document, path, 'name a model of their task, or leave out --model');
  const answers = tagger && (await answersOf(tagger, resolve(model!), document, nameOf(path), { language, signal }));
  const linter = new Linter(document, { ...(answers && { model: answers }) });
  // Between slices the process hears of Ctrl+C.
  while (!linter.work(SLICE)) {
    await turn();
    signal.throwIfAborted();
  }
  const findings = foundIn(document, linter).map((finding) => placed(nameOf(path), document, finding));
  if (annotationPath === undefined || !isAnnotated(document)) return findings;
  const annotations = parseDocument(document.annotations, { format: 'txt' });
  return [...findings, ...document.annotationFindings().map((finding) => placed(annotationPath, annotations, finding))];
}

/** What a model says of the sentences that have labels. */
async function answersOf(
  tagger: Tagger,
  folder: string,
  document: TextDocument,
  path: string,
  { language, signal }: { language: string | undefined; signal: AbortSignal },
): Promise<ModelAnswers> {
  const labelled = document.sentences.filter(({ tokens }) => tokens.some(({ label }) => label !== undefined));
  const words = labelled.map(({ tokens }) => tokens.map(({ form }) => form));
  const options = { marginals: true, signal, ...(language !== undefined && { language }) };
  const tagged = await tagAll(tagger, words, `tagging ${path}`, options);
  const answers = new Map(labelled.map((sentence, i) => [sentence, tagged[i]!]));
  const model = (await describeModel(disk, folder))!.name;
  const { tags, scheme } = tagger;
  return {
    keyOf: (sentence) => answers.get(sentence),
    answer: (sentence) => {
      const answer = answers.get(sentence);
      if (answer === undefined) return undefined;
      const probability = (token: number, tag: number) => answer.marginals[token * tags.length + tag]!;
      return { model, tags, scheme, probability, spans: answer.spans };
    },
  };
}

function summary(found: readonly PlacedFinding[], files: number): string {
  const count = (severity: PlacedFinding['severity'], name: string) =>
    plural(found.filter((finding) => finding.severity === severity).length, name);
  const parts = [count('error', 'error'), count('warning', 'warning'), count('information', 'note')];
  return `${parts.join(', ')} in ${plural(files, 'file')}`;
}
