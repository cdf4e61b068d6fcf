// npm run package: a VSIX for this platform with its native library. What ships is gathered in out/package first, so that
// neither sources nor the libraries of other platforms get in, and a build in dist/ stays as it is.
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';
import { options, webviews, writeProjectSchema } from '../esbuild.config.mjs';
import { notices } from './notices.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stage = join(root, 'out', 'package');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const target = `${process.platform}-${process.arch}`;
const vsix = join(root, 'out', `crosstag-${target}-${manifest.version}.vsix`);

process.chdir(root);
await rm(stage, { recursive: true, force: true });
await mkdir(stage, { recursive: true });

const { cli: _cli, ...entryPoints } = options.entryPoints;
const dist = { outdir: join(stage, 'dist'), sourcemap: false, minify: true, metafile: true };
const { metafile } = await build({ ...options, entryPoints, ...dist });
const { metafile: browser } = await build({ ...webviews, ...dist });
await writeProjectSchema(dist.outdir);
for (const path of ['README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE', 'package.nls.json', 'l10n', 'media']) {
  // Sources of what is in dist/ stay at home.
  const filter = (file) => !/\/media\/(report|tsconfig\.json)/.test(file.replaceAll('\\', '/'));
  await cp(join(root, path), join(stage, path), { recursive: true, filter });
}
await copyNative();
const bundled = { inputs: { ...metafile.inputs, ...browser.inputs } };
await writeFile(join(stage, 'ThirdPartyNotices.txt'), await notices(root, bundled, ['onnxruntime-node']));
await writeFile(join(stage, 'package.json'), JSON.stringify(shippedManifest(), null, 2));

await createVSIX({
  cwd: stage,
  packagePath: vsix,
  target,
  dependencies: false,
  allowMissingRepository: true,
  // Links of README.md lead into the repository; there is no public address to rewrite them to.
  rewriteRelativeLinks: false,
});
console.log(`${vsix}: ${((await stat(vsix)).size / 1e6).toFixed(1)} MB`);
console.log(`install it with: code --install-extension ${JSON.stringify(vsix)}`);

/** onnxruntime-node resolves its native library beside its own JavaScript: both travel in dist/node_modules. */
async function copyNative() {
  const modules = join(stage, 'dist', 'node_modules');
  const native = join('bin', 'napi-v6', process.platform, process.arch);
  const parts = {
    'onnxruntime-node': ['package.json', 'dist', native],
    'onnxruntime-common': ['package.json', join('dist', 'cjs')],
  };
  for (const [name, paths] of Object.entries(parts)) {
    for (const path of paths) {
      await cp(join(root, 'node_modules', name, path), join(modules, name, path), {
        recursive: true,
        filter: (file) => !/\.(map|d\.ts)$/.test(file),
      });
    }
  }
}

/** The manifest without what only a checkout needs. */
function shippedManifest() {
  const { scripts, devDependencies, dependencies, optionalDependencies, bin, private: _private, ...shipped } = manifest;
  return { ...shipped, files: ['**'] };
}
