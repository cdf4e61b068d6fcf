import { describe, expect, it } from 'vitest';
import { crosstag, start } from './run.ts';

// Enough good spans, that the one I-LOC is a slip and no other scheme.
const broken = `Ana B-PER\nSilva I-LOC\n\n${'لندن B-LOC\n\n'.repeat(12)}!\n`;

describe('lint', () => {
  it('prints a line for each finding and ends with status 1', async () => {
    const { status, stdout, stderr } = await crosstag(['lint', '-', '--format', 'conll'], broken);
    expect(status).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^<stdin>:2:7: warning: I-LOC follows B-PER; .* \[tags\.illegal-transition\]$/);
    expect(lines[1]).toMatch(/^<stdin>:28:1: error: .*; .* \[format\.columns\]$/);
    expect(stderr).toBe('1 error, 1 warning, 0 notes in 1 file\n');
  });

  it('ends with status 0 and says nothing on stdout where there is nothing', async () => {
    const { status, stdout } = await crosstag(['lint', '-'], 'Ana B-PER\nSilva I-PER\n');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it('prints JSON lines with repairs', async () => {
    const { stdout } = await crosstag(['lint', '-', '--format', 'conll', '--report', 'json'], broken);
    const [first] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({
      path: '<stdin>',
      line: 2,
      column: 7,
      code: 'tags.illegal-transition',
      severity: 'warning',
      fix: { edits: [{ line: 2, column: 7, endLine: 2, endColumn: 12, text: 'B-LOC' }] },
    });
  });

  it('hears of Ctrl+C while it lints', async () => {
    const { child, end } = start(['lint', '-', '--format', 'conll']);
    child.stdin.on('error', () => undefined);
    await new Promise<void>((done) => child.stdin.end('Lisboa B-LOC\nx I-PER\n\n'.repeat(200_000), done));
    // By then it has read everything, and is far from the end.
    await new Promise((done) => setTimeout(done, 500));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toBe('crosstag: interrupted; nothing was written\n');
  });

  it('prints SARIF', async () => {
    const { status, stdout } = await crosstag(['lint', '-', '--format', 'conll', '--report', 'sarif'], broken);
    expect(status).toBe(1);
    const { version, runs } = JSON.parse(stdout) as {
      version: string;
      runs: { columnKind: string; results: { ruleId: string; level: string; locations: unknown[] }[] }[];
    };
    expect(version).toBe('2.1.0');
    expect(runs[0]?.columnKind).toBe('utf16CodeUnits');
    expect(runs[0]?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['tags.illegal-transition', 'warning'],
      ['format.columns', 'error'],
    ]);
  });
});
