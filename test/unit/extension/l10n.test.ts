import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** First arguments of `vscode.l10n.t(...)` in the sources of the client. */
function texts(): string[] {
  const sources = readdirSync(join(root, 'extension')).map((file) =>
    readFileSync(join(root, 'extension', file), 'utf8'),
  );
  const calls = sources.flatMap((source) => [
    ...source.matchAll(/l10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g),
  ]);
  return calls.map(([, single, double]) => (single ?? double)!);
}

describe('the texts for translators', () => {
  it('are those of the sources (else: npx @vscode/l10n-dev export --outDir l10n extension)', () => {
    const bundle: Record<string, string> = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.json'), 'utf8'));
    expect(Object.keys(bundle).sort()).toEqual([...new Set(texts())].sort());
  });

  it('stand in every call as a literal', () => {
    const calls = readdirSync(join(root, 'extension')).flatMap((file) => [
      ...readFileSync(join(root, 'extension', file), 'utf8').matchAll(/l10n\.t\(/g),
    ]);
    expect(texts()).toHaveLength(calls.length);
  });
});
