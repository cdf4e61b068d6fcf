import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crosstag, temporaryFolder } from './run.ts';

const folder = temporaryFolder();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const ANA = 'አበበ B-PER\nበቂላ I-PER\nሮጠ O\n\n錢鍾書 B-PER\n於 O\n無錫 B-LOC\n\nولد O\n\nولد O\n\n';
const RUI = 'ولد O\n\nአበበ I-PER\nበቂላ O\nሮጠ O\n\n錢鍾書 I-PER\n於 O\n無錫 I-ORG\n\n新 O\n\n';
const EVA =
  '{"tokens": ["አበበ", "በቂላ", "ሮጠ"], "tags": ["B-PER", "I-PER", null]}\n{"tokens": ["錢鍾書", "於", "無錫"], "tags": [null, null, "B-LOC"]}\n{"tokens": ["ولد"], "tags": ["O"]}\n';

describe('agreement', () => {
  const [ana, rui, eva] = [file('ana.conll', ANA), file('rui.conll', RUI), file('eva.jsonl', EVA)];

  it('compares the sentences that stand in all files, and says where annotators differ', async () => {
    const { status, stdout, stderr } = await crosstag(['agreement', ana, rui]);
    expect(status).toBe(0);
    expect(stderr).toBe(
      `${ana}: 1 sentence not in all files; left out\n${rui}: 1 sentence not in all files; left out\n`,
    );
    const title = `${ana} \\ ${rui}`;
    const pad = ''.padEnd(title.length - 1);
    expect(stdout).toBe(`3 sentences, 7 tokens that two or more have decided

label     F1  Cohen's kappa  Krippendorff's alpha
all    33.33          0.548                 0.567
LOC     0.00          0.000                 0.000
ORG     0.00          0.000                 0.000
PER    50.00          0.696                 0.711

${title}  O  LOC  ORG  PER
O${pad}  3    .    .    .
LOC${pad.slice(2)}  .    .    1    .
ORG${pad.slice(2)}  .    .    .    .
PER${pad.slice(2)}  1    .    .    2

${ana}:1:1: አበበ በቂላ: PER | PER (አበበ)
${ana}:7:1: 無錫: LOC | ORG
`);
  });

  it('takes more than two, of any formats, and leaves out what one has not decided', async () => {
    const { status, stdout } = await crosstag(['agreement', ana, rui, eva, '--json']);
    expect(status).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      ...{ task: 'ner', sentences: 3, tokens: 7 },
      disagreements: [
        { path: ana, line: 1, column: 1, words: ['አበበ', 'በቂላ'], labels: ['PER', 'PER (አበበ)', 'PER'] },
        { path: ana, line: 7, column: 1, words: ['無錫'], labels: ['LOC', 'ORG', 'LOC'] },
      ],
    });
    expect(found.matrices.map(({ one, other }: { one: string; other: string }) => [one, other])).toEqual([
      [ana, rui],
      [ana, eva],
      [rui, eva],
    ]);
    // By hand: 5 of 7 tokens, 4 of 4, 2 of 4; two disagreements in 18 values.
    expect(found.kappa).toBeCloseTo((17 / 31 + 1 + 1 / 3) / 3, 10);
    expect(found.alpha).toBeCloseTo(1 - (17 * 4) / 206, 10);
  });

  it('is whole where all agree', async () => {
    const { stdout } = await crosstag(['agreement', ana, ana, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ kappa: 1, alpha: 1, f1: 100, disagreements: [] });
  });

  it.each([
    [() => [ana], 'agreement takes two files or more'],
    [() => [ana, file('pos.conllu', `1\ta\t_\tNOUN${'\t_'.repeat(6)}\n\n`)], 'compare files of one task'],
    [() => [ana, file('other.conll', 'x O\n\n')], `no sentence has the same words as in ${ana}`],
    [() => [ana, join(folder, 'none.conll')], 'none.conll'],
  ])('says in one line what is wrong: %#', async (files, message) => {
    const { status, stdout, stderr } = await crosstag(['agreement', ...files()]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
