// The labels of all documents of a project, counted again and again while people label: what has not changed since is not
// read a second time.

import { stat } from 'node:fs/promises';
import { messageOf } from '../text/error-message.ts';
import { annotationFilesOf } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { nameWithin } from '../workspace/file-name.ts';
import { DocumentJournal, type Journal } from '../workspace/journal/index.ts';
import { addCounts, countLabels, type LabelCounts, noLabels } from './label-counts.ts';

export interface ProjectCountsOptions {
  /** The document where it is open in the editor. */
  readonly open: (path: string) => OpenDocument | undefined;
  /** A document as the disk has it. @throws Error where it cannot be read */
  readonly read: (path: string) => Promise<OpenDocument>;
  /** A document that cannot be read is left out; its message. */
  readonly warn: (message: string) => void;
  /** Looked at between two documents. */
  readonly signal?: AbortSignal;
}

/** What stood in a file, and by what one sees that it still does. */
interface Counted {
  readonly stamp: string;
  readonly counts: LabelCounts;
}

interface ClosedDocument {
  /** Another one where what is counted may be different although the file is not. */
  readonly version: string;
  readonly share: number;
  readonly journal: Journal;
  /** Path within the folder, as the journal has it. */
  readonly file: string;
}

export class ProjectCounts {
  readonly #options: ProjectCountsOptions;
  readonly #closed = new Map<string, Counted>();

  constructor(options: ProjectCountsOptions) {
    this.#options = options;
  }

  /**
   * @param paths absolute, of the documents of the folder
   * @param lines number of lines of the journal by file: those of a file that got more are counted again
   * @param share of the sentences that is kept for measuring, 0 to 1
   * @throws the signal's reason when it is aborted
   */
  async count(
    folder: string,
    paths: readonly string[],
    journal: Journal,
    lines: ReadonlyMap<string, number>,
    share: number,
  ): Promise<LabelCounts> {
    const sum = noLabels();
    for (const path of paths) {
      this.#options.signal?.throwIfAborted();
      const document = this.#options.open(path);
      try {
        if (document === undefined) {
          const file = nameWithin(folder, path);
          const version = `${share} ${lines.get(file) ?? 0}`;
          addCounts(sum, await this.#closedDocument(path, { version, share, journal, file }));
        } else addCounts(sum, await countLabels(document, share));
      } catch (error) {
        this.#options.warn(messageOf(error));
      }
    }
    return sum;
  }

  async #closedDocument(path: string, { version, share, journal, file }: ClosedDocument): Promise<LabelCounts> {
    // Before it is read: what is written meanwhile makes another stamp.
    const stamp = `${await stampOf(path)} ${version}`;
    const known = this.#closed.get(path);
    if (known?.stamp === stamp) return known.counts;
    const document = await this.#options.read(path);
    document.journal = new DocumentJournal(document, journal, file);
    const counts = await countLabels(document, share);
    this.#closed.set(path, { stamp, counts });
    return counts;
  }
}

/** Changes with the file, and with the annotations beside it. */
async function stampOf(path: string): Promise<string> {
  const stamps = await Promise.all(
    [path, ...annotationFilesOf(path)].map((file) =>
      stat(file).then(
        ({ mtimeMs, size }) => `${mtimeMs}/${size}`,
        () => '',
      ),
    ),
  );
  return stamps.join(' ');
}
