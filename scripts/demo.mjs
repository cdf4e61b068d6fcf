// The demo: builds, trains a NER tagger on the sample data, scores it, tags a raw text and shows it in colour.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Where the extension finds it when `samples` is opened in VS Code. */
const model = 'samples/.crosstag/models/ner/1';
const data = 'samples/portuguese';

function run(...command) {
  console.log(`$ node ${command.join(' ')}`);
  execFileSync(process.execPath, command, { stdio: 'inherit' });
}

function crosstag(...command) {
  console.log(`\n$ npx crosstag ${command.join(' ')}`);
  execFileSync(process.execPath, ['dist/cli.cjs', ...command], { stdio: 'inherit' });
}

const start = performance.now();
// A demo that finds yesterday's half-trained model would show that it resumes, not that it trains.
for (const folder of [model, `${model}.training`]) rmSync(folder, { recursive: true, force: true });
run('esbuild.config.mjs');
const files = ['--train', `${data}/train.iob2`, '--dev', `${data}/dev.iob2`, '--test', `${data}/test.iob2`];
crosstag('train', ...files, '--language', 'pt', '--parts', 'wide', '--out', model);
crosstag('tag', model, `${data}/news.txt`, '--language', 'pt', '--color');
console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all.`);
console.log('To see it in VS Code: code --extensionDevelopmentPath="$PWD" samples, then open portuguese/news.txt');
