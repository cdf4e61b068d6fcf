// Bundles the programs into dist/: the extension (in two parts), the language server, the model process, the command line
// and the script of the report; and makes the JSON schema of crosstag.json.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const production = process.argv.includes('--production');

/**
 * The part of the extension that speaks LSP is a bundle of its own, loaded when a document needs it: activation does not
 * pay for the protocol library.
 * @type {import('esbuild').Plugin}
 */
const lazyClient = {
  name: 'lazy-client',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/client\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './client.cjs', external: true } : undefined,
    );
  },
};

/** @type {import('esbuild').BuildOptions} */
export const options = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // The extension host of VS Code 1.99 requires CommonJS.
  format: 'cjs',
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  // Native modules stay outside: onnxruntime-node travels beside the bundles, TensorFlow is installed when asked for.
  external: ['vscode', 'onnxruntime-node', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
  // Dependencies' ESM builds tree-shake; `import.meta.url` does not exist in CommonJS.
  mainFields: ['module', 'main'],
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  sourcemap: !production,
  minify: production,
  logLevel: 'warning',
  plugins: [lazyClient],
  // `import()` of a bundle becomes `require`: only that reaches the `vscode` module of the extension host.
  supported: { 'dynamic-import': false },
  entryPoints: {
    extension: 'extension/extension.ts',
    client: 'extension/client.ts',
    server: 'server/main.ts',
    trainer: 'server/trainer.ts',
    'engine-worker': 'server/tensor/engine-worker.ts',
    cli: 'server/cli.ts',
  },
};

/**
 * Script and style of the report: for a browser, and small enough to travel in every report that is written.
 * @type {import('esbuild').BuildOptions}
 */
export const webviews = {
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  outdir: 'dist',
  minify: true,
  logLevel: 'warning',
  // A report is a copy of uPlot: its licence wants to be in it.
  legalComments: 'none',
  banner: { js: `/* uPlot\n${await readFile('node_modules/uplot/LICENSE', 'utf8')}*/` },
  entryPoints: [
    { in: 'media/report/report.ts', out: 'report' },
    { in: 'media/report/report.css', out: 'report' },
  ],
};

/** Writes the JSON schema of crosstag.json, made of the schema that reads it. */
export async function writeProjectSchema(folder) {
  const bundle = await build({
    entryPoints: ['server/workspace/project-schema.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const code = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
  const { projectJsonSchema } = await import(`data:text/javascript;base64,${code}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'crosstag.schema.json'), `${JSON.stringify(projectJsonSchema(), null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeProjectSchema(options.outdir);
  for (const programs of [options, webviews]) {
    if (process.argv.includes('--watch')) await (await context(programs)).watch();
    else await build(programs);
  }
}
