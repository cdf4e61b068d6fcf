// What is simulated: on which corpora, with which strategies, in which order.
import { join } from 'node:path';

/** Rounds of 1,000, 1,250, 1,562, ... tokens: 25,800 in nine of them. */
export const NUMBERS = { batch: 1000, growth: 1.25, rounds: 9 };

/** @param starts folder of the model to start from, by corpus */
export function corporaOf(data, starts) {
  const ner = join(data, 'ner');
  return [
    {
      id: 'es',
      title: 'Spanish (CoNLL-2002), from a zero-shot model',
      pool: join(ner, 'conll2002/esp.train.gz'),
      test: join(ner, 'conll2002/esp.testb.gz'),
      more: ['--start', starts.es, '--language', 'es'],
    },
    {
      id: 'swa',
      title: 'Swahili (MasakhaNER 2.0), from nothing',
      pool: join(ner, 'masakhaner2/swa.train.txt.gz'),
      test: join(ner, 'masakhaner2/swa.test.txt.gz'),
      more: [],
    },
    {
      id: 'yor',
      title: 'Yoruba (MasakhaNER 2.0), from nothing',
      pool: join(ner, 'masakhaner2/yor.train.txt.gz'),
      test: join(ner, 'masakhaner2/yor.test.txt.gz'),
      more: [],
    },
    {
      id: 'pt',
      title: 'Portuguese (UNER Bosque), from nothing',
      pool: join(ner, 'uner/pt_bosque-ud-train.iob2.gz'),
      test: join(ner, 'uner/pt_bosque-ud-test.iob2.gz'),
      more: [],
    },
  ];
}

/** Strategies and units, the most telling first. Random runs beside all of them, once. */
export const STAGES = [
  { strategies: ['mixed'], unit: 'span' },
  { strategies: ['mixed', 'mnlp'], unit: 'sentence' },
  { strategies: ['mixed'], unit: 'token' },
  { strategies: ['least', 'entropy', 'span', 'f1', 'committee'], unit: 'sentence' },
  { strategies: ['entropy', 'committee'], unit: 'span' },
];

export const runsFile = (out, { id }) => join(out, `${id}.jsonl`);
export const fullFile = (out, { id }) => join(out, `${id}-full.jsonl`);

/** The commands, in order: stage by stage on all corpora. `runs`: what its file holds when it is done. */
export function plan({ corpora, out, seeds }) {
  const command = ({ pool, test, more }, file, numbers) => [
    ...['simulate', '--pool', pool, '--test', test, ...more, '--out', file, '--json'],
    ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ];
  const steps = STAGES.flatMap(({ strategies, unit }, stage) =>
    corpora.map((corpus) => {
      const file = runsFile(out, corpus);
      const keys = [`random sentence`, ...strategies.map((strategy) => `${strategy} ${unit}`)];
      return {
        id: `${corpus.id} ${strategies.join(',')} ${unit}`,
        stage: stage + 1,
        file,
        args: [...command(corpus, file, { ...NUMBERS, seeds }), '--strategy', strategies.join(','), '--unit', unit],
        runs: keys.flatMap((key) => Array.from({ length: seeds }, (_, i) => `${key} ${i + 1}`)),
      };
    }),
  );
  const full = corpora.map((corpus) => {
    const file = fullFile(out, corpus);
    return {
      id: `${corpus.id} all labels`,
      stage: 1,
      file,
      args: [...command(corpus, file, { batch: 10_000_000, rounds: 1 }), '--strategy', 'random'],
      runs: ['random sentence 1'],
    };
  });
  return [...steps.slice(0, corpora.length), ...full, ...steps.slice(corpora.length)];
}
