// How findings of the linter are reported: lines for people, JSON lines for scripts, SARIF for code-scanning services.
import { pathToFileURL } from 'node:url';
import { version } from '../../package.json';
import type { Finding, TextDocument } from '../text/types.ts';
import { positionAt } from '../workspace/positions.ts';

/** A finding with its place in a file; lines and columns (UTF-16 units) from 1, as editors show them. */
export interface PlacedFinding {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly code: string;
  readonly severity: Finding['severity'];
  readonly message: string;
  /** Present where the finding has a repair. */
  readonly fix?: { readonly title: string; readonly edits: readonly PlacedEdit[] };
}

interface PlacedEdit {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

function place(document: TextDocument, start: number, end: number) {
  const from = positionAt(document, start);
  const to = positionAt(document, end);
  return { line: from.line + 1, column: from.character + 1, endLine: to.line + 1, endColumn: to.character + 1 };
}

export function placed(path: string, document: TextDocument, finding: Finding): PlacedFinding {
  const { code, severity, message, fix } = finding;
  const at = { path, ...place(document, finding.start, finding.end), code, severity, message };
  if (fix === undefined) return at;
  const edits = fix.edits.map(({ start, end, text }) => ({ ...place(document, start, end), text }));
  return { ...at, fix: { title: fix.title, edits } };
}

/** `path:line:column: severity: what is wrong; what to do [code]` */
export function asLine({ path, line, column, severity, message, code }: PlacedFinding): string {
  return `${path}:${line}:${column}: ${severity}: ${message} [${code}]\n`;
}

const SARIF_LEVELS = { error: 'error', warning: 'warning', information: 'note' } as const;

/** SARIF 2.1.0 (OASIS), one run. */
export function asSarif(findings: readonly PlacedFinding[]) {
  const rules = [...new Set(findings.map((finding) => finding.code))].sort();
  const region = (at: PlacedEdit | PlacedFinding) => ({
    startLine: at.line,
    startColumn: at.column,
    endLine: at.endLine,
    endColumn: at.endColumn,
  });
  const results = findings.map((finding) => {
    const artifactLocation = { uri: uriOf(finding.path) };
    const change = finding.fix && {
      description: { text: finding.fix.title },
      artifactChanges: [
        {
          artifactLocation,
          replacements: finding.fix.edits.map((edit) => ({
            deletedRegion: region(edit),
            insertedContent: { text: edit.text },
          })),
        },
      ],
    };
    return {
      ruleId: finding.code,
      ruleIndex: rules.indexOf(finding.code),
      level: SARIF_LEVELS[finding.severity],
      message: { text: finding.message },
      locations: [{ physicalLocation: { artifactLocation, region: region(finding) } }],
      ...(change === undefined ? {} : { fixes: [change] }),
    };
  });
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'crosstag', version, rules: rules.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

/** Relative paths stay relative, as code-scanning services want them. */
function uriOf(path: string): string {
  if (/^([a-z]:)?[\\/]/i.test(path)) return pathToFileURL(path).href;
  return path.split(/[\\/]/).map(encodeURIComponent).join('/');
}
