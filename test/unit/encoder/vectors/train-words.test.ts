// Vectors of a corpus whose lines are very long: each word counts, wherever it stands in its line.
import { expect, it } from 'vitest';
import { trainWords } from '../../../../server/encoder/vectors/train-words.ts';
import { pickEngine } from '../../../../server/tensor/index.ts';
import { file } from '../corpora.ts';

const { engine } = await pickEngine('cpu');

it('has the words of a long line, and those that are rarer than they', async () => {
  const rest = Array.from({ length: 60 }, (_, i) => `w${i % 30} v${i % 20} u${i % 10}\n`.repeat(5)).join('');
  const path = file('long-lines.txt', `${rest}${'y '.repeat(1000)}${'zzz '.repeat(400)}\n`);
  const options = { most: 1000, dimension: 4, seed: 1, engine, threads: 1 };
  const { words } = await trainWords({ language: 'en', path }, options);
  expect(words.slice(0, 2)).toEqual(['y', 'zzz']);
  expect(words).toContain('w29');
  expect(words).toHaveLength(62);
});
