// What the crosstag.json of a workspace folder says of a file.
import { join } from 'node:path';
import { messageOf } from '../text/error-message.ts';
import { decodeText, type Task } from '../text/index.ts';
import type { Files, Logger } from './host.ts';
import { PROJECT_FILE, Project } from './project.ts';

export interface ListedFile {
  /** A BCP 47 tag. */
  readonly language: string;
  readonly task: Task;
  /** Labels that the project names itself. */
  readonly labels?: readonly string[];
}

interface KnownProject {
  readonly bytes: Uint8Array;
  /** Undefined where the bytes are no project. */
  readonly project: Project | undefined;
}

/**
 * Asked of each file that is opened or read. A crosstag.json is read each time, so that nothing that it said before is
 * answered, and parsed where it has changed.
 */
export class FileLanguages {
  readonly #files: Files;
  readonly #log: Logger;
  /** By workspace folder. */
  readonly #known = new Map<string, KnownProject>();

  /** @param log is told of a project that cannot be read, which then says nothing */
  constructor(files: Files, log: Logger) {
    this.#files = files;
    this.#log = log;
  }

  /**
   * @param folders workspace folders; the first whose project knows the file decides
   * @returns undefined where no project knows the file
   */
  async listed(path: string, folders: Iterable<string>): Promise<ListedFile | undefined> {
    for (const folder of folders) {
      const project = await this.#projectOf(folder);
      const language = project?.languageOf(path);
      if (project === undefined || language === undefined) continue;
      const { task, labels } = project.description;
      return { language, task, ...(labels !== undefined && { labels }) };
    }
    return undefined;
  }

  async #projectOf(folder: string): Promise<Project | undefined> {
    const path = join(folder, PROJECT_FILE);
    const bytes = await this.#files.read(path).catch((error) => this.#warn(error));
    if (bytes === undefined) {
      this.#known.delete(folder);
      return undefined;
    }
    const known = this.#known.get(folder);
    if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known.project;
    const project = this.#parse(bytes, path, folder);
    this.#known.set(folder, { bytes, project });
    return project;
  }

  #parse(bytes: Uint8Array, path: string, folder: string): Project | undefined {
    try {
      return Project.parse(decodeText(Buffer.from(bytes), path), folder);
    } catch (error) {
      return this.#warn(error);
    }
  }

  #warn(error: unknown): undefined {
    this.#log.warn(messageOf(error));
  }
}
