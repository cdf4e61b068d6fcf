// The demo, on the sample data: a NER tagger in seconds, then labels in a language that has none. An encoder is pre-trained on
// plain English and Spanish; a tagger that learns parts of speech from English labels alone is scored on Spanish, with the
// encoder and without it.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where the extension finds them when `samples` is opened in VS Code. */
const ner = 'samples/.crosstag/models/ner/1';
const pos = 'samples/.crosstag/models/pos/1';
const encoder = 'samples/.crosstag/encoders/en-es/1';
const alone = 'samples/.crosstag/without-encoder';

function run(...command) {
  console.log(`$ node ${command.join(' ')}`);
  execFileSync(process.execPath, command, { stdio: 'inherit' });
}

/** @param out what becomes of its stdout */
function crosstag(command, out = 'inherit') {
  console.log(`\n$ npx crosstag ${command.join(' ')}`);
  const options = { stdio: ['inherit', out, 'inherit'], encoding: 'utf8' };
  return execFileSync(process.execPath, ['dist/cli.cjs', ...command], options);
}

/** The accuracy that a training prints. */
function accuracy(...command) {
  const printed = crosstag(command, 'pipe');
  process.stdout.write(printed);
  return Number(/accuracy: +([\d.]+)%/.exec(printed)[1]);
}

const start = performance.now();
// A demo that finds yesterday's half-trained model would show that it resumes, not that it trains.
for (const folder of [ner, pos, encoder, alone]) {
  for (const place of [folder, `${folder}.training`]) rmSync(place, { recursive: true, force: true });
}
run('esbuild.config.mjs');

const portuguese = ['train', 'dev', 'test'].flatMap((part) => [`--${part}`, `samples/portuguese/${part}.iob2`]);
crosstag(['train', ...portuguese, '--language', 'pt', '--parts', 'wide', '--out', ner]);
crosstag(['tag', ner, 'samples/portuguese/news.txt', '--language', 'pt', '--color']);

console.log(
  '\nThere are no labels for Spanish here. From plain text in English and Spanish, and word vectors to start from, an encoder:',
);
const threads = ['--threads', String(availableParallelism())];
const languages = ['en', 'es'];
const texts = languages.flatMap((language) => ['--text', `${language}=samples/novels/${language}.txt.gz`]);
const vectors = languages.flatMap((language) => ['--vectors', `${language}=samples/vectors/${language}.vec.gz`]);
const small = ['--template', 'winit_layer_avl', '--size', 'tiny', '--steps', '200'];
crosstag(['pretrain', ...texts, ...vectors, ...small, '--out', encoder, ...threads]);

const english = ['--train', 'samples/english/train.conllu', '--dev', 'samples/english/dev.conllu', '--language', 'en'];
const spanish = ['--target', 'es', '--test', 'es=samples/spanish/test.conllu', '--epochs', '6', ...threads];
console.log('\nParts of speech from English labels alone, scored on Spanish, without the encoder and with it:');
const without = accuracy('train', ...english, ...spanish, '--out', alone);
const withEncoder = accuracy(
  'train',
  ...english,
  ...spanish,
  '--encoder',
  encoder,
  '--features',
  'layer=0',
  '--out',
  pos,
);

if (!(withEncoder > without)) {
  console.error(`\nThe encoder should help, and does not: ${withEncoder} instead of ${without}. Please report it.`);
  process.exitCode = 1;
}
console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all.`);
console.log('To see it in VS Code: code --extensionDevelopmentPath="$PWD" samples, then open portuguese/news.txt');
