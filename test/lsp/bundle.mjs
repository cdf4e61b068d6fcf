// Bundles the language server and its model process into a folder: node test/lsp/bundle.mjs FOLDER
import { build } from 'esbuild';
import { options } from '../../esbuild.config.mjs';

const { server, trainer } = options.entryPoints;
await build({ ...options, entryPoints: { server, trainer }, outdir: process.argv[2] });
