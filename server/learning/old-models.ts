// Models of retrainings pile up, each with a copy of its encoder: those that nobody goes back to leave the disk.
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../text/error-message.ts';
import type { Task } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';
import { readVerdict } from '../workspace/model-verdicts.ts';
import { findModels, inUse } from '../workspace/models.ts';

export interface RemoveOptions {
  readonly files: Files;
  readonly workspace: string;
  readonly task: Task;
  /** Models of retrainings that stay: the newest. */
  readonly keep: number;
  readonly warn?: ((message: string) => void) | undefined;
}

/** Removes what retrainings have left, except the newest and the one in use; what people have put there themselves stays. */
export async function removeOldModels({ files, workspace, task, keep, warn }: RemoveOptions): Promise<void> {
  const models = (await findModels(files, workspace)).filter((model) => model.task === task);
  const used = inUse(models, task);
  const newestFirst = models.toSorted((a, b) => b.created.localeCompare(a.created));
  let kept = 0;
  for (const { folder, name } of newestFirst) {
    if ((await readVerdict(files, folder)) === undefined) continue;
    if (kept < keep || folder === used?.folder) {
      kept++;
      continue;
    }
    // In one step out of sight: half a model is never found.
    const gone = join(dirname(folder), '.removed');
    try {
      await rm(gone, { recursive: true, force: true });
      await rename(folder, gone);
      await rm(gone, { recursive: true });
    } catch (error) {
      warn?.(`${name} could not be removed: ${messageOf(error)}`);
    }
  }
}
