// What the crosstag.json of a workspace folder says of a file.
import { messageOf } from '../text/error-message.ts';
import type { Task } from '../text/index.ts';
import type { Files, Logger } from './host.ts';
import { Project } from './project.ts';

export interface ListedFile {
  /** A BCP 47 tag. */
  readonly language: string;
  readonly task: Task;
  /** Labels that the project names itself. */
  readonly labels?: readonly string[];
}

/**
 * @param folders workspace folders; the first whose project knows the file decides
 * @param log is told of a project that cannot be read, which then says nothing
 * @returns undefined where no project knows the file
 */
export async function listedFile(
  path: string,
  folders: Iterable<string>,
  files: Files,
  log: Logger,
): Promise<ListedFile | undefined> {
  for (const folder of folders) {
    const project = await Project.read(files, folder).catch((error) => {
      log.warn(messageOf(error));
      return undefined;
    });
    const language = project?.languageOf(path);
    if (project === undefined || language === undefined) continue;
    const { task, labels } = project.description;
    return { language, task, ...(labels !== undefined && { labels }) };
  }
  return undefined;
}
