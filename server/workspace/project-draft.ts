// From the files that a person has chosen to a crosstag.json.
import { isAbsolute, join, relative, sep } from 'node:path';
import { InputError } from '../text/types.ts';
import { PROJECT_FILE, Project } from './project.ts';
import type { ProjectDescription } from './project-schema.ts';

/** Roles of files in a language, and those that may be several. */
const ONE = ['text', 'vectors', 'dev'] as const;
const MANY = ['train', 'test', 'documents'] as const;

/**
 * Text of the crosstag.json that says this.
 * @param draft as crosstag.json, with absolute paths
 * @throws InputError where a file lies on another drive than the folder, or the draft is no project
 */
export function projectText(draft: ProjectDescription, folder: string): string {
  const path = (absolute: string) => relativeTo(folder, absolute);
  const languages = draft.languages.map((entry) => ({
    ...entry,
    ...Object.fromEntries(ONE.flatMap((role) => (entry[role] === undefined ? [] : [[role, path(entry[role])]]))),
    ...Object.fromEntries(MANY.flatMap((role) => (entry[role] === undefined ? [] : [[role, entry[role].map(path)]]))),
  }));
  const { encoder } = draft;
  const { pairs } = encoder ?? {};
  const lists = typeof pairs === 'string' ? path(pairs) : pairs && mapValues(pairs, path);
  const description = { ...draft, languages, ...(encoder && { encoder: { ...encoder, pairs: lists } }) };
  const text = `${JSON.stringify(description, null, 2)}\n`;
  Project.parse(text, folder);
  return text;
}

function mapValues(values: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function relativeTo(folder: string, path: string): string {
  const within = relative(folder, path);
  if (isAbsolute(within)) {
    const remedy = `copy it to the drive of ${join(folder, PROJECT_FILE)}, which names files relative to its folder`;
    throw new InputError('this file lies on another drive', remedy, { path });
  }
  return within === '' ? '.' : within.split(sep).join('/');
}
