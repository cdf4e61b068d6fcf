// How people are asked about a file: as the project says that lists it, or else the one of its workspace folder.
import { pathOf } from '../workspace/documents.ts';
import type { Project } from '../workspace/project.ts';
import { LEARNING_DEFAULTS } from '../workspace/project-schema.ts';
import type { Strategy, Unit } from './acquisition/index.ts';

export interface Asking {
  readonly strategy: Strategy;
  readonly unit: Unit;
  /** Share of the sentences that is kept for measuring. */
  readonly holdout: number;
}

/** A project with the files that it lists as documents. */
export interface ListedProject {
  readonly project: Project;
  readonly files: readonly string[];
}

/** Where no project says anything. */
const ASKING: Asking = { strategy: 'mixed', unit: 'sentence', holdout: LEARNING_DEFAULTS.holdout };

export class Askings {
  readonly #folderOf: (path: string) => string;
  readonly #files = new Map<string, Asking>();
  readonly #folders = new Map<string, Asking>();

  /** @param folderOf the workspace folder that a file belongs to */
  constructor(folderOf: (path: string) => string) {
    this.#folderOf = folderOf;
  }

  /** The projects of the workspace folders, instead of those known before; of several that list a file the first decides. */
  list(projects: readonly ListedProject[]): void {
    this.#files.clear();
    this.#folders.clear();
    for (const { project, files } of projects) {
      const { strategy, unit, holdout } = { ...ASKING, ...project.description.learning };
      const asking = { strategy, unit, holdout };
      this.#folders.set(project.folder, asking);
      for (const file of files) if (!this.#files.has(file)) this.#files.set(file, asking);
    }
  }

  of(uri: string): Asking {
    const path = pathOf(uri);
    return this.#files.get(path) ?? this.#folders.get(this.#folderOf(path)) ?? ASKING;
  }
}
