// `crosstag lint`: malformed lines, illegal tags, inconsistent labels.
import type { Argv } from 'yargs';
import { lintDocument } from '../features/lint.ts';
import { FORMATS, isAnnotated, parseDocument } from '../text/index.ts';
import { type ArgumentsOf, defineCommand, withGeneral } from './command.ts';
import { nameOf, readFile } from './data.ts';
import { asLine, asSarif, type PlacedFinding, placed } from './findings.ts';
import { plural, print, printJson, say } from './output.ts';

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
    .option('language', { type: 'string', describe: 'Language of raw text (BCP 47)' })
    .option('task', { choices: ['ner', 'pos'] as const, describe: 'Default: what the files hold' });
}

type Arguments = ArgumentsOf<typeof options>;

export const lint = defineCommand({
  usage: 'lint <path..>',
  summary: 'Find malformed lines, illegal tags, inconsistent labels and missed repeats',
  example: ['$0 lint samples/portuguese/dev.iob2', 'one finding a line; status 1 if there are any'],
  options,
  async run(args, { signal }) {
    const report = args.json ? 'json' : args.report;
    const found: PlacedFinding[] = [];
    for (const path of args.path) {
      signal.throwIfAborted();
      const findings = await lintFile(path, args);
      if (report === 'text') await print(findings.map(asLine).join(''));
      if (report === 'json') await print(findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''));
      for (const finding of findings) found.push(finding);
    }
    if (report === 'sarif') await printJson(asSarif(found));
    say(summary(found, args.path.length));
    return found.length === 0 ? 0 : 1;
  },
});

async function lintFile(path: string, { format, task, language }: Arguments): Promise<PlacedFinding[]> {
  const { document, annotationPath } = await readFile(path, { format, task, language });
  const findings = lintDocument(document).map((finding) => placed(nameOf(path), document, finding));
  if (annotationPath === undefined || !isAnnotated(document)) return findings;
  const annotations = parseDocument(document.annotations, { format: 'txt' });
  return [...findings, ...document.annotationFindings().map((finding) => placed(annotationPath, annotations, finding))];
}

function summary(found: readonly PlacedFinding[], files: number): string {
  const count = (severity: PlacedFinding['severity'], name: string) =>
    plural(found.filter((finding) => finding.severity === severity).length, name);
  const parts = [count('error', 'error'), count('warning', 'warning'), count('information', 'note')];
  return `${parts.join(', ')} in ${plural(files, 'file')}`;
}
