// Corpora for tests: real words of several scripts, written to a folder that goes when the tests are through.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { Random } from '../../../server/tensor/index.ts';
import { inputErrorOf } from '../input-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosstag-corpora-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file, packed where its name says so. @returns its path */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content);
  return path;
}

/** Writes a file as it is, whatever its name. */
export function raw(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export function inFolder(name: string): string {
  return join(folder, name);
}

/** The message of the InputError that work on these files ends with, without the path of the folder. */
export const messageOf = (work: Promise<unknown>) => inputErrorOf(work, folder);

export const WORDS = [
  ...['አበበ', 'በሶ', 'በላ', '።', 'اللغة', 'العَرَبِيَّة', 'जवाहरलाल', 'नेहरू', 'ने', '北京', '大学', '的', '👩🏽‍🚀', '🏳️‍🌈'],
  ...['e\u0301l', 'él', 'Ẹ̀kọ́', 'the', 'The', ',', '.', '𝒳', 'ǅ', 'ΟΔΟΣ'],
];

/** Lines of words, of random lengths up to `longest`; some are empty. */
export function corpus(seed: number, lines: number, longest: number): string {
  const random = new Random(seed, 'corpus');
  const sentence = () => Array.from({ length: random.below(longest + 1) }, () => WORDS[random.below(WORDS.length)]);
  return Array.from({ length: lines }, () => `${sentence().join(' ')}\n`).join('');
}
