// What is run, in the order in which it is needed: { id, args } with the arguments of the command line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seeds of the taggers; encoders have seed 1. */
export const SEEDS = [1, 2, 3];

/** Numbers of the sentences that the peers drew: a smaller sample is the beginning of a larger one. */
const DRAWN = JSON.parse(readFileSync(new URL('./swa-sample.json', import.meta.url), 'utf8'));

/** The alignments that are compared, by name in the tables. */
export const ENCODERS = {
  none: ['--template', 'none'],
  emb_iden: ['--template', 'emb_iden'],
  layer_mv: ['--template', 'layer_mv'],
  layer_avl: ['--template', 'layer_avl'],
  winit_layer_avl: ['--template', 'winit_layer_avl'],
  iden_avl: ['--template', 'iden_avl'],
};

/**
 * Labelled sentences of the language itself, with F1 of CRFsuite on the same ones: the first of the corpus
 * (test/bench/peers/crfsuite.py), and those that the peers drew (shared/peers/quality.md).
 */
export const FEW = [
  { id: '100', size: 100, crfsuite: 58.4 },
  { id: '500', size: 500, crfsuite: 74.59 },
  { id: '1000', size: 1000, crfsuite: 81.51 },
  { id: 'drawn-100', size: 100, drawn: DRAWN.slice(0, 100), crfsuite: 62.25 },
  { id: 'drawn-500', size: 500, drawn: DRAWN.slice(0, 500), crfsuite: 78.28 },
  { id: 'drawn-1000', size: 1000, drawn: DRAWN, crfsuite: 81.42 },
];

/** Files that are made before the runs: joined word lists, some sentences of a corpus of labels. */
export function ingredients({ data, out }) {
  const muse = ['es', 'de'].map((to) => ({
    path: join(out, `en-${to}.txt`),
    parts: ['0-5000', '5000-6500'].map((part) => join(data, 'dict', 'muse', `en-${to}.${part}.txt`)),
  }));
  const ner = (...names) => join(data, 'ner', ...names);
  const labels = ner('masakhaner2', 'swa.train.txt.gz');
  // CoNLL-2003 knows no dates and MasakhaNER no miscellaneous names: what both know is compared, as the bars do it.
  const shared = [
    ...['train', 'testa'].map((part) => [`eng.${part}.conll`, ner('conll2003', `eng.${part}.gz`)]),
    ...['swa', 'yor'].map((language) => [`${language}.test.conll`, ner('masakhaner2', `${language}.test.txt.gz`)]),
  ].map(([name, part]) => ({ path: join(out, name), parts: [part], without: ['MISC', 'DATE'] }));
  return [
    ...muse,
    ...shared,
    ...FEW.map(({ id, size, drawn }) => ({
      path: join(out, `swa.${id}.conll`),
      parts: [labels],
      sentences: drawn ?? Array.from({ length: size }, (_, i) => i),
    })),
  ];
}

export function plan({ data, out, minutes, steps, engine }) {
  const text = (language) => ['--text', `${language}=${join(data, 'text', `${language}.txt.gz`)}`];
  const encoder = (id) => join(out, id);
  const pretrain = (id, languages, more) => ({
    id,
    args: [
      'pretrain',
      ...languages.flatMap(text),
      '--out',
      encoder(id),
      '--size',
      'tiny',
      '--minutes',
      minutes,
      ...(steps === undefined ? [] : ['--steps', steps]),
      '--engine',
      engine,
      ...more,
    ],
  });
  const train = (id, seed, more) => ({
    id: `${id}-${seed}`,
    args: ['train', ...more, '--seed', String(seed), '--out', join(out, 'models', `${id}-${seed}`)],
  });
  const bli = (id, of, from, to, dictionary) => ({
    id,
    args: ['bli', of, '--dictionary', dictionary, '--from', from, '--to', to],
  });
  const ner = (name) => join(data, 'ner', name);
  const pos = (name) => join(data, 'pos', 'ud', name);
  const runs = [];

  const english = {
    ner: ['--train', ner('conll2003/eng.train.gz'), '--dev', ner('conll2003/eng.testa.gz')],
    pos: ['--train', pos('en_ewt-ud-train.conllu.gz'), '--dev', pos('en_ewt-ud-dev.conllu.gz')],
  };
  const epochs = ['--epochs', '8'];
  /** English to another language: without an encoder, with each of `encoders`, each without and with the word list. */
  const transfer = (id, source, target, { dev, test, list: words, encoders }) => {
    const shared = [...source, '--language', 'en', '--target', target, ...epochs];
    const files = [...(dev ? ['--target-dev', `${target}=${dev}`] : []), '--test', `${target}=${test}`];
    const languages = ['en', target];
    const translate = ['--translate', words];
    for (const seed of SEEDS) {
      runs.push(train(`${id}-alone`, seed, [...shared, ...files]));
      runs.push(train(`${id}-alone-list`, seed, [...shared, ...files, ...translate]));
    }
    for (const [name, alignment] of Object.entries(encoders)) {
      for (const list of name === 'none' ? [false] : [false, true]) {
        const of = `encoder-${languages.join('-')}-${name}${list ? '-list' : ''}`;
        if (!runs.some((run) => run.id === of)) {
          const vectors = name.startsWith('winit')
            ? languages.flatMap((language) => [
                '--vectors',
                `${language}=${join(data, 'vectors', `${language}.128.vec.gz`)}`,
              ])
            : [];
          const given = list ? ['--pairs', words] : [];
          runs.push(pretrain(of, languages, [...alignment, ...vectors, ...given]));
        }
        for (const seed of SEEDS) {
          const more = [...shared, ...files, '--encoder', encoder(of), ...(list ? translate : [])];
          runs.push(train(`${id}-${name}${list ? '-list' : ''}`, seed, more));
        }
      }
    }
  };

  transfer('ner-es', english.ner, 'es', {
    dev: ner('conll2002/esp.testa.gz'),
    test: ner('conll2002/esp.testb.gz'),
    list: join(out, 'en-es.txt'),
    encoders: ENCODERS,
  });
  const unseen = join(data, 'dict', 'muse', 'en-es.5000-6500.txt');
  for (const name of Object.keys(ENCODERS)) {
    runs.push(bli(`bli-en-es-${name}`, encoder(`encoder-en-es-${name}`), 'en', 'es', unseen));
  }
  runs.push(bli('bli-en-es-given', join(data, 'vectors'), 'en', 'es', unseen));

  // What served names in Spanish best without given vectors, for the other languages and the parts of speech, beside an
  // encoder that aligns nothing.
  const best = { layer_avl: ENCODERS.layer_avl, none: ENCODERS.none };
  for (const [target, treebank] of [
    ['es', 'es_gsd'],
    ['de', 'de_gsd'],
  ]) {
    transfer(`pos-${target}`, english.pos, target, {
      dev: pos(`${treebank}-ud-dev.conllu.gz`),
      test: pos(`${treebank}-ud-test.conllu.gz`),
      list: join(out, `en-${target}.txt`),
      encoders: best,
    });
  }
  for (const [target, list] of [
    ['swa', 'en-sw'],
    ['yor', 'en-yo'],
  ]) {
    transfer(
      `ner-${target}`,
      ['--train', join(out, 'eng.train.conll'), '--dev', join(out, 'eng.testa.conll')],
      target,
      {
        test: join(out, `${target}.test.conll`),
        list: join(data, 'dict', 'swadesh', `${list}.txt`),
        encoders: best,
      },
    );
  }

  // Few labels of the language itself, and none besides for choosing: who has 100 sentences has no others
  for (const { id } of FEW) {
    for (const seed of SEEDS) {
      const labels = ['--train', join(out, `swa.${id}.conll`)];
      const own = [...labels, '--test', ner('masakhaner2/swa.test.txt.gz'), '--language', 'swa'];
      runs.push(train(`few-swa-${id}-alone`, seed, own));
      runs.push(train(`few-swa-${id}-encoder`, seed, [...own, '--encoder', encoder('encoder-en-swa-layer_avl')]));
    }
  }
  return runs;
}
