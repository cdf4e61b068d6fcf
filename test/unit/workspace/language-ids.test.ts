// The files that may be labelled are the same for the editor, the server and a folder of crosstag.json.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EXTENSIONS, languageIdOf } from '../../../server/workspace/language-ids.ts';

it('gives files the languages that package.json gives them', () => {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8'));
  const ours = (contributes.languages as { id: string; extensions?: string[] }[]).filter(({ id }) =>
    /^conllu?$/.test(id),
  );
  const declared = ours.flatMap(({ id, extensions = [] }) => extensions.map((extension) => [extension, id]));
  // JSON lines and plain text are languages of the editor's own
  const known = EXTENSIONS.filter((extension) => /^conllu?$/.test(languageIdOf(`x.${extension}`)!));
  expect(Object.fromEntries(declared)).toEqual(
    Object.fromEntries(known.map((extension) => [`.${extension}`, languageIdOf(`x.${extension}`)])),
  );
  expect(languageIdOf('በሶ.UNER')).toBe('conll');
  expect(languageIdOf('notes.md')).toBeUndefined();
});

it('asks for these files where a person chooses some', () => {
  const source = readFileSync('extension/questions.ts', 'utf8');
  const asked = /const LABELLED = '([^']*)'/.exec(source)![1]!.split(' ');
  expect([...asked].sort()).toEqual([...EXTENSIONS.filter((extension) => extension !== 'txt'), 'ann'].sort());
});
