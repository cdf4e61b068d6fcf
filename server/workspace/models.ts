// Which models there are: <workspace>/.crosstag/models/<name>/<version>/.
import type { Scheme } from '../tags/index.ts';
import type { Task } from '../text/types.ts';

/** A model on disk and how to run it. */
export interface ModelReference {
  readonly folder: string;
  /** `auto`, `cpu`, `webgpu`, `cuda` or `tensorflow`. */
  readonly engine: string;
  readonly threads: number;
}

/** What the model process says of a model that it has loaded. */
export interface LoadedModel {
  readonly task: Task;
  readonly scheme: Scheme;
  /** All tags; packed answers hold indices into this list. */
  readonly tags: readonly string[];
}
