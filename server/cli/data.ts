// Labelled files as the command line reads them: malformed lines can be let pass, with a warning on stderr.
import type { TextDocument } from '../text/index.ts';
import * as files from '../workspace/labelled-files.ts';
import { say } from './output.ts';

export {
  forModel,
  type LabelledFile,
  nameOf,
  type ReadFile,
  readFile,
  sharedTask,
  TASK_NAMES,
  TEXT,
} from '../workspace/labelled-files.ts';

export interface ReadOptions extends Omit<files.ReadOptions, 'warn'> {
  /** Malformed lines are read as far as they can be, with a warning, and are no error. */
  readonly lenient?: boolean | undefined;
}

const warning = (lenient: boolean | undefined) => (lenient ? say : undefined);

/** @throws InputError as that of labelled-files.ts */
export function readDocument(path: string, { lenient, ...options }: ReadOptions = {}): Promise<TextDocument> {
  return files.readDocument(path, { ...options, warn: warning(lenient) });
}

/** @throws InputError as that of labelled-files.ts */
export function requireWellFormed(document: TextDocument, path: string, lenient?: boolean): void {
  files.requireWellFormed(document, path, warning(lenient));
}

/** @throws InputError as that of labelled-files.ts */
export function readLabelled(path: string, { lenient, ...options }: ReadOptions = {}): Promise<files.LabelledFile> {
  return files.readLabelled(path, { ...options, warn: warning(lenient), note: say });
}

/** @throws InputError as that of labelled-files.ts */
export function readGold(path: string, { lenient, ...options }: ReadOptions = {}): Promise<files.GoldFile> {
  return files.readGold(path, { ...options, warn: warning(lenient) });
}
