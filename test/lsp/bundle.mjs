// Bundles the language server and its model process into a folder: node test/lsp/bundle.mjs FOLDER
import { build } from 'esbuild';
import { options } from '../../esbuild.config.mjs';

const { server, trainer, 'engine-worker': worker } = options.entryPoints;
await build({ ...options, entryPoints: { server, trainer, 'engine-worker': worker }, outdir: process.argv[2] });
