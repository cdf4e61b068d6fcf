// The licences of the packages inside the bundles, as their terms ask for.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @param {string} root of the repository
 * @param {import('esbuild').Metafile} metafile of the bundles
 * @param {string[]} beside packages that travel outside the bundles
 * @returns {Promise<string>} name, version, licence and licence text of each package
 */
export async function notices(root, metafile, beside) {
  const folders = new Set(beside.map((name) => join('node_modules', name)));
  for (const input of Object.keys(metafile.inputs)) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const entries = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n${await readFile(join(root, folder, file), 'utf8')}`;
    entries.push(`${name} ${version} (${license})\n${text}`);
  }
  return `Crosstag contains these packages:\n\n${entries.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
