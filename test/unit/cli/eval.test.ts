import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crosstag, temporaryFolder } from './run.ts';

const folder = temporaryFolder();

/** Writes a file into the temporary folder. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

// Four gold spans; one found as it is, one with the wrong end, one with the wrong type, one missed; one found that is none.
const both = [
  'Ana B-PER B-PER',
  'Silva I-PER I-PER',
  'visitou O O',
  'São B-LOC B-LOC',
  'Paulo I-LOC O',
  '',
  'የአፍሪካ B-ORG B-LOC',
  'ህብረት I-ORG I-LOC',
  'محمد B-PER O',
  '. O B-ORG',
  '',
].join('\n');

describe('eval', () => {
  it('counts as conlleval does, gold and predicted in the last two columns', async () => {
    const { status, stdout } = await crosstag(['eval', '-'], both);
    expect(status).toBe(0);
    expect(stdout).toBe(`processed 9 tokens with 4 phrases; found: 4 phrases; correct: 1.
accuracy:  44.44%; precision:  25.00%; recall:  25.00%; FB1:  25.00
              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  2
              ORG: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
              PER: precision: 100.00%; recall:  50.00%; FB1:  66.67  1

gold \\ predicted  O  LOC  ORG  PER
O                 1    .    1    .
LOC               1    1    .    .
ORG               .    2    .    .
PER               1    .    .    2
`);
  });

  it('gives two files the same scores as their two columns', async () => {
    const column = (index: number) =>
      both.replace(/^(\S+) (\S+) (\S+)$/gm, (_, ...cells) => `${cells[0]}\t${cells[index]}`);
    const gold = file('gold.conll', column(1));
    const predicted = file('predicted.conll', column(2));
    const { status, stdout } = await crosstag(['eval', gold, predicted, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      f1: 25,
      precision: 25,
      recall: 25,
      sentences: 2,
      tokens: 9,
      types: { PER: { precision: 100, recall: 50 }, ORG: { f1: 0 } },
    });
  });

  it('scores gold in several schemes, as conlleval does', async () => {
    const text = `${'Ana B-PER\nSilva I-PER\nvem O\n\n'.repeat(3)}${'Ana S-PER\n\nRui B-PER\nSá E-PER\n\n'.repeat(3)}`;
    const gold = file('mixed.conll', text);
    const { status, stdout, stderr } = await crosstag(['eval', gold, gold, '--json']);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ f1: 100, sentences: 9 });
  });

  it('measures accuracy for parts of speech', async () => {
    const { stdout } = await crosstag(['eval', '-', '--json'], 'a DET DET\ndog NOUN VERB\nbarks VERB VERB\n');
    expect(JSON.parse(stdout)).toMatchObject({ task: 'pos', tokens: 3, types: { NOUN: { recall: 0 } } });
    expect((JSON.parse(stdout) as { accuracy: number }).accuracy).toBeCloseTo(200 / 3, 10);
  });

  it('ends with status 1 under a threshold', async () => {
    expect((await crosstag(['eval', '-', '--fail-under', '25.1'], both)).status).toBe(1);
    expect((await crosstag(['eval', '-', '--fail-under', '25'], both)).status).toBe(0);
  });

  it.each([
    [
      'another word',
      'Ana B-PER\nSylva I-PER\n',
      /predicted\.conll:2:1: .* has the word Silva where this file has Sylva; /,
    ],
    ['a word too many', 'Ana B-PER\nSilva I-PER\nx O\n', /predicted\.conll:3:1: /],
    ['a word too few', 'Ana B-PER\n', /predicted\.conll:1:1: .* has more words/],
    ['a sentence too many', 'Ana B-PER\nSilva I-PER\n\nx O\n', /predicted\.conll:4:1: .* has no sentence/],
  ])('refuses %s in the prediction', async (_, text, message) => {
    const gold = file('gold.conll', 'Ana B-PER\nSilva I-PER\n');
    const { status, stdout, stderr } = await crosstag(['eval', gold, file('predicted.conll', text)]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('takes labels with blanks for one cell each in a file of tabs', async () => {
    const rows = 'Ana\tB-Person Name\tB-Person Name\nvem\tO\tB-Full Name\nÉvora N\t B-Place \tB-Place\n';
    const { stdout } = await crosstag(['eval', '-', '--json'], rows);
    expect(JSON.parse(stdout)).toMatchObject({ types: { 'Person Name': { f1: 100 }, Place: { f1: 100 } } });
  });

  it.each(['samples/wolof/test.conllu', 'samples/portuguese/dev.iob2'])(
    'asks for a second file beside %s',
    async (path) => {
      const { status, stdout, stderr } = await crosstag(['eval', path]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      const format = path.endsWith('u') ? 'conllu' : 'uner';
      const remedy = `name a second file with the predicted ones: crosstag eval ${path} PREDICTED`;
      expect(stderr).toBe(`${path}: the file holds one column of labels (${format}); ${remedy}\n`);
    },
  );

  it('takes columns for what they are said to be', async () => {
    const rows = '1\tAna\tPROPN\tB-PER\tB-PER\n2\tvem\tVERB\tO\tO\n';
    expect((await crosstag(['eval', '-'], rows)).stderr).toContain('one column of labels (uner)');
    const { stdout } = await crosstag(['eval', '-', '--format', 'conll', '--json'], rows);
    expect(JSON.parse(stdout)).toMatchObject({ f1: 100, tokens: 2 });
  });

  it('refuses a single file with two columns', async () => {
    const { status, stderr } = await crosstag(['eval', '-'], 'Ana B-PER\nvem O\n');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^<stdin>:1:1: fewer than three columns; /);
  });
});
