// Features of a corpus by an encoder of the paper's size, beside PyTorch eager: words in, states of every layer out.
import { existsSync } from 'node:fs';
import { encoderConfig } from '../../server/encoder/config.ts';
import { openEncoder } from '../../server/encoder/encoder.ts';
import type { StoredEncoder } from '../../server/encoder/folder.ts';
import { EncoderVocabulary, SPECIAL_WORDS } from '../../server/encoder/vocabulary.ts';
import { firstWeights } from '../../server/encoder/weights.ts';
import { type Engine, Random } from '../../server/tensor/index.ts';
import { sentencesOf } from './corpora.ts';
import type { Bench } from './main.ts';
import { runPeer, type TorchDevice, torchDevice, torchDevices } from './peers.ts';
import { minimum, number, printTable } from './report.ts';

const CORPORA = ['../shared/data/ner/conll2002/esp.testb.gz', 'samples/portuguese/test.iob2'];
const SENTENCES = 256;
const LANGUAGE = 'es';

/** Passes of a round that are timed after the first, which builds the sessions. */
const PASSES = 2;

export const encoderStates: Bench = {
  name: 'encoder-states',
  about: 'features of a corpus by an encoder of the size of the paper, beside PyTorch eager',
  async run({ python, rounds, threads, engines }) {
    const path = CORPORA.find((candidate) => existsSync(candidate))!;
    const sentences = (await sentencesOf(path)).slice(0, SENTENCES).map(({ words }) => words);
    const stored = randomEncoder(sentences);
    const lengths = sentences.map((words) => words.length);
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    const mine = new Map(engines.map((engine) => [engine, [] as Seconds[]]));
    const peers = new Map(torchDevices(python === undefined ? [] : engines).map((device) => [device, [] as Seconds[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [engine, found] of mine) found.push(await ours(stored, sentences, engine, threads));
      for (const [device, found] of peers) found.push(await torch(python!, lengths, threads, device));
    }
    const first = (found: readonly Seconds[]) => tokens / minimum(found.map((round) => round.first));
    const later = (found: readonly Seconds[]) => tokens / minimum(found.map((round) => round.later));
    const row = (title: string, found: readonly Seconds[], peer?: readonly Seconds[]) => [
      title,
      ...[first, later].map((of) => number(of(found), 0)),
      peer ? [first, later].map((of) => number(of(found) / of(peer), 2)).join(' / ') : '',
    ];
    const rows = [...mine].map(([engine, found]) => row(`ours, ${engine.name}`, found, peers.get(torchDevice(engine))));
    for (const [device, found] of peers) rows.push(row(`PyTorch eager, ${device}`, found));
    const title = `encoder-states: ${path}, ${sentences.length} sentences, ${tokens} tokens, 2 x 6 layers of 512, ${threads} threads, ${rounds} rounds`;
    printTable(`${title} (a ratio above 1: ours is faster)`, HEADER, rows);
  },
};

const HEADER = ['', 'tokens/s, first pass', 'tokens/s, best of the later', 'to PyTorch, first / later'];

interface Seconds {
  readonly first: number;
  readonly later: number;
}

/** An encoder that knows every word of the sentences and has learnt nothing. */
function randomEncoder(sentences: readonly (readonly string[])[]): StoredEncoder {
  const configuration = encoderConfig('paper', 'none', false);
  const words = new Set(sentences.flat().map((word) => word.toLowerCase()));
  const vocabulary = new EncoderVocabulary([...SPECIAL_WORDS, ...words]);
  const tensors = firstWeights(
    configuration,
    [{ language: LANGUAGE, words: vocabulary.size }],
    (name) => new Random(1, name),
  );
  const none = '0'.repeat(64);
  return {
    folder: 'none',
    description: {
      ...{ format: 'crosstag-encoder', version: 1, template: 'none', size: 'paper', configuration },
      languages: [
        {
          language: LANGUAGE,
          vocabulary: { file: 'none', sha256: none, words: vocabulary.size },
          corpus: { sha256: none, sentences: 0, words: 0, covered: 0 },
        },
      ],
      weights: { file: 'none', sha256: none },
      fingerprint: none,
      metrics: { steps: 0, words: 0, seconds: 0, perplexity: {}, alignment: {} },
      ...{ seed: 1, engine: 'cpu', crosstag: 'none', created: new Date().toISOString() },
    },
    vocabularies: [vocabulary],
    tensors,
  };
}

async function torch(
  python: string,
  lengths: readonly number[],
  threads: number,
  device: TorchDevice,
): Promise<Seconds> {
  const flags = ['--work', 'encode', '--threads', String(threads), '--repeats', String(PASSES), '--device', device];
  const found = await runPeer<{ first_ms: number; min_ms: number }>(python, 'torch_encoder.py', flags, lengths);
  return { first: found.first_ms / 1e3, later: found.min_ms / 1e3 };
}

async function ours(
  stored: StoredEncoder,
  sentences: readonly (readonly string[])[],
  engine: Engine,
  threads: number,
): Promise<Seconds> {
  const encoder = openEncoder(stored, engine, threads);
  try {
    const pass = async () => {
      const start = performance.now();
      await encoder.states(sentences, LANGUAGE, async () => undefined);
      return (performance.now() - start) / 1000;
    };
    const first = await pass();
    const later: number[] = [];
    for (let i = 0; i < PASSES; i++) later.push(await pass());
    return { first, later: minimum(later) };
  } finally {
    await encoder.dispose();
  }
}
