// Bundles the programs into dist/: the extension (in two parts), the language server, the model process and the command
// line.
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
    cli: 'server/cli.ts',
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--watch')) await (await context(options)).watch();
  else await build(options);
}
