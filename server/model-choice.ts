// Which models fit a document: the one that a person has named, else those of the workspace.
import { isAbsolute, join, sep } from 'node:path';
import type { Task } from './text/index.ts';
import type { OpenDocument } from './workspace/documents.ts';
import type { Files } from './workspace/host.ts';
import { describeModel, findModels, inUse, type KnownModel, readsAs } from './workspace/models.ts';

export interface Candidates {
  /** Best first. */
  readonly models: readonly KnownModel[];
  /** A person has named it: no other takes its place where it cannot be loaded. */
  readonly named: boolean;
}

export class ModelChoice {
  readonly #files: Files;
  readonly #folders: () => readonly string[];
  /** Models that a person has chosen for this session. */
  readonly #chosen = new Map<Task, KnownModel>();

  /** @param folders paths of the workspace folders */
  constructor(files: Files, folders: () => readonly string[]) {
    this.#files = files;
    this.#folders = folders;
  }

  /** From now on the model for documents of its task. */
  choose(model: KnownModel): void {
    this.#chosen.set(model.task, model);
  }

  /** The newest models of the workspace count again. */
  forget(): void {
    this.#chosen.clear();
  }

  /**
   * Chosen in this session, set, or those of the workspace, newest first.
   * @throws Error where the one that a person has named is not there, or cannot read the document's language
   */
  async candidates(document: OpenDocument): Promise<Candidates> {
    const { settings, task } = document;
    const named = this.#chosen.get(task) ?? (await this.#configured(settings.model));
    const fits = (model: KnownModel) => model.task === task && readsAs(model, settings.language) !== undefined;
    if (named === undefined) {
      const models = await this.#registered(document);
      const first = inUse(models, task);
      const suggests = (model: KnownModel) => model === first || model.rejected === undefined;
      return { models: models.filter((model) => suggests(model) && fits(model)), named: false };
    }
    if (named.task === task && !fits(named)) {
      const known = named.languages.join(', ');
      const remedy = 'choose another model, or correct the language in crosstag.json or in the settings';
      throw new Error(`model ${named.name} reads ${known}, not ${settings.language}; ${remedy}`);
    }
    return { models: [named].filter(fits), named: true };
  }

  /** The model of the setting; undefined where that is empty. */
  async #configured(folder: string): Promise<KnownModel | undefined> {
    if (folder === '') return undefined;
    const roots = isAbsolute(folder) ? [folder] : this.#folders().map((root) => join(root, folder));
    for (const root of roots) {
      const model = await describeModel(this.#files, root);
      if (model !== undefined) return model;
    }
    throw new Error(`${folder}: there is no model; change the setting crosstag.model`);
  }

  /** Models of the workspace folder that holds the document; of all folders for a document elsewhere. */
  async #registered({ path }: OpenDocument): Promise<KnownModel[]> {
    const folders = this.#folders();
    const own = folders.filter((folder) => path.startsWith(join(folder, sep)));
    const found = (own.length > 0 ? own : folders).map((folder) => findModels(this.#files, folder));
    return (await Promise.all(found)).flat();
  }
}
