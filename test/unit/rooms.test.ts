// The lint rule that keeps the rooms in order bites: Biome, with the repository's own configuration, on imports that break it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const allowed = {
  'server/text/types.ts': './unicode.ts',
  'server/text/conll/reader.ts': '../types.ts',
  'server/tags/index.ts': '../text/types.ts',
  'server/tagger/wide/train.ts': '../../tags/index.ts',
  'server/tensor/ort/engine.ts': 'onnxruntime-node',
  'server/learning/labels.ts': '../workspace/project.ts',
  'server/features/hover.ts': '../protocol.ts',
  'server/cli/tag.ts': '../tagger/index.ts',
  'server/cli.ts': './cli/tag.ts',
  'server/main.ts': './features/hover.ts',
  'extension/client.ts': '../server/protocol.ts',
  'extension/extension.ts': 'vscode',
} as const;

const forbidden = {
  'server/text/a.ts': '../tags/index.ts',
  'server/text/conll/b.ts': '../../tagger/types.ts',
  'server/tags/a.ts': '../tagger/types.ts',
  'server/tensor/ort/a.ts': '../../tagger/crf.ts',
  'server/tagger/a.ts': '../workspace/registry.ts',
  'server/tagger/deep/b.ts': '../../protocol.ts',
  'server/tagger/b.ts': '../protocol/labels.ts',
  'server/tagger/deep/c.ts': 'onnxruntime-node',
  'server/tagger/d.ts': '@tensorflow/tfjs-core',
  'server/workspace/a.ts': '../features/hover.ts',
  'server/workspace/b.ts': '../learning/holdout.ts',
  'server/learning/a.ts': '../features/hover.ts',
  'server/learning/b.ts': '../protocol.ts',
  'server/features/a.ts': '../main.ts',
  'server/features/b.ts': 'vscode',
  'server/main.ts': 'vscode',
  'server/training-jobs.ts': './cli/progress.ts',
  'server/trainer.ts': './cli.ts',
  'server/cli/a.ts': 'onnxruntime-node',
  'extension/a.ts': '../server/text/types.ts',
  'extension/b.ts': 'onnxruntime-node',
} as const;

const biome = resolve('node_modules/.bin/biome');
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'crosstag-rooms-'));
  copyFileSync('biome.json', join(root, 'biome.json'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Paths (relative to the temporary root) of the files in which the rule found an import to report. */
function offenders(imports: Readonly<Record<string, string>>): string[] {
  for (const [path, source] of Object.entries(imports)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), `import { a } from '${source}';\nconsole.log(a);\n`);
  }
  const arguments_ = ['lint', '--vcs-enabled=false', '--reporter=json', '--only=style/noRestrictedImports'];
  let output: string;
  try {
    output = execFileSync(biome, [...arguments_, ...Object.keys(imports)], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const report = JSON.parse(output) as { diagnostics: { category: string; location: { path: unknown } }[] };
  return report.diagnostics
    .filter((diagnostic) => diagnostic.category === 'lint/style/noRestrictedImports')
    .map((diagnostic) => JSON.stringify(diagnostic.location.path));
}

describe('the order of the rooms', () => {
  it('lets a room import from rooms below it', () => {
    expect(offenders(allowed)).toEqual([]);
  });

  it('reports every import that goes upwards, past the protocol, or to an engine', () => {
    const found = offenders(forbidden).join('\n');
    for (const path of Object.keys(forbidden)) expect(found).toContain(path);
  });
});
