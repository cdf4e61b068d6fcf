// Bundles the benchmark (TypeScript) and runs it: node test/bench/run.mjs [--only NAME,...] [--rounds N] [--help]
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

await build({
  entryPoints: {
    bench: 'test/bench/main.ts',
    'encoder-memory-step': 'test/bench/encoder-memory-step.ts',
    // The engine's threads look for it beside the bundle that starts them
    'engine-worker': 'server/tensor/engine-worker.ts',
  },
  outdir: '.cache/bench',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  sourcemap: true,
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});
const run = spawnSync(process.execPath, ['--enable-source-maps', '.cache/bench/bench.cjs', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = run.status ?? 1;
