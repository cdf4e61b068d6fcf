// What the editor tests run on: the VSIX, the bundled suite, and a workspace with a model trained on the samples.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const out = join(root, 'out', 'vscode');
export const host = join(root, 'test', 'vscode', 'host');

const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

/** Builds and packages the extension. @returns {Promise<string>} path of the VSIX */
export async function packageExtension() {
  node('scripts/package.mjs');
  const [name] = (await readdir(join(root, 'out'))).filter((file) => file.endsWith('.vsix'));
  return join(root, 'out', name);
}

/** Bundles the mocha suite. @returns {Promise<string>} the module whose `run()` the extension host calls */
export async function bundleSuite() {
  await build({
    entryPoints: [join(root, 'test/vscode/suite/index.ts')],
    outfile: join(out, 'suite.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // mocha finds its own files at run time.
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return join(out, 'suite.cjs');
}

/** Trains the model that suggests labels in the tests. @returns {Promise<string>} its folder */
export async function trainModel() {
  node('esbuild.config.mjs');
  const model = join(out, 'model');
  await mkdir(out, { recursive: true });
  const portuguese = (name) => join('samples', 'portuguese', name);
  node(
    'dist/cli.cjs',
    'train',
    '--train',
    portuguese('train.iob2'),
    '--dev',
    portuguese('dev.iob2'),
    '--parts',
    'wide',
    '--out',
    model,
  );
  return model;
}

/** A fresh copy of the test workspace, as tests edit files; gone with this process. @returns {Promise<string>} its folder */
export async function copyWorkspace(model) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'crosstag-workspace-')));
  await cp(join(root, 'test/vscode/workspace'), folder, { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await cp(model, join(folder, '.crosstag/models/demo/1'), { recursive: true });
  return folder;
}
