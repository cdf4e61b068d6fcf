// Documents that crosstag.json lists and that are not there, as warnings at their place in it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver-protocol';
import { messageOf } from './text/error-message.ts';
import type { InputError } from './text/index.ts';
import type { Files, Logger } from './workspace/host.ts';
import { PROJECT_FILE, Project } from './workspace/project.ts';

export interface ProjectDiagnosticsOptions {
  readonly files: Files;
  readonly log: Logger;
  /** Paths of the workspace folders. */
  readonly folders: () => readonly string[];
  readonly publish: (uri: string, diagnostics: Diagnostic[]) => void;
}

export class ProjectDiagnostics {
  readonly #options: ProjectDiagnosticsOptions;
  /** The crosstag.json files that have warnings. */
  #warned: ReadonlySet<string> = new Set();
  /** What is under way: a later look must not be overtaken by an earlier one. */
  #looking = Promise.resolve();

  constructor(options: ProjectDiagnosticsOptions) {
    this.#options = options;
  }

  /** A crosstag.json has changed, or files have come or gone. */
  refresh(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { folders, publish } = this.#options;
    const warned = new Set<string>();
    for (const folder of folders()) {
      const uri = pathToFileURL(join(folder, PROJECT_FILE)).href;
      const missing = await this.#missing(folder);
      if (missing.length > 0) warned.add(uri);
      if (missing.length > 0) publish(uri, missing.map(toDiagnostic));
    }
    for (const uri of this.#warned) if (!warned.has(uri)) publish(uri, []);
    this.#warned = warned;
  }

  async #missing(folder: string): Promise<InputError[]> {
    const { files, log } = this.#options;
    try {
      return (await (await Project.read(files, folder))?.missingDocuments(files)) ?? [];
    } catch (error) {
      // The editor shows what is wrong with the file itself.
      log.warn(messageOf(error));
      return [];
    }
  }
}

/** Editors widen an empty range to what stands there. */
function toDiagnostic({ what, remedy, line = 1, column = 1 }: InputError): Diagnostic {
  const start = { line: line - 1, character: column - 1 };
  const range = { start, end: start };
  return { range, severity: DiagnosticSeverity.Warning, source: 'crosstag', message: `${what}; ${remedy}` };
}
