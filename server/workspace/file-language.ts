// The language of a file, as the crosstag.json of a workspace folder says it.
import { messageOf } from '../text/error-message.ts';
import type { Files, Logger } from './host.ts';
import { Project } from './project.ts';

/**
 * @param folders workspace folders; the first whose project knows the file decides
 * @param log is told of a project that cannot be read, which then says nothing
 * @returns a BCP 47 tag; undefined where no project knows the file
 */
export async function languageOfFile(
  path: string,
  folders: Iterable<string>,
  files: Files,
  log: Logger,
): Promise<string | undefined> {
  for (const folder of folders) {
    const project = await Project.read(files, folder).catch((error) => {
      log.warn(messageOf(error));
      return undefined;
    });
    const language = project?.languageOf(path);
    if (language !== undefined) return language;
  }
  return undefined;
}
