// The deep part's training step beside PyTorch eager: [time 30, batch 16, 256] -> BiLSTM 128 -> 9 tags -> CRF, Adam.
import { Crf } from '../../server/tagger/crf.ts';
import { ADAM } from '../../server/tagger/deep/adam.ts';
import { buildNetwork, networkShapes } from '../../server/tagger/deep/network.ts';
import { adamInputs } from '../../server/tensor/graph/optimiser.ts';
import {
  adam,
  type Engine,
  gradients,
  type Model,
  OutsideWeight,
  type Program,
  Random,
  sizeOf,
} from '../../server/tensor/index.ts';
import type { Bench } from './main.ts';
import { runPeer } from './peers.ts';
import { median, minimum, printTable } from './report.ts';
import { alternate, type Peers, type Round, stepHeader, stepRows } from './side-by-side.ts';

const SIZES = { gathered: 256, hidden: 128, tags: 9 } as const;
const TIME = 30;
const BATCH = 16;
/** Steps of a round that are timed, after three of warm-up: as many as the peer's. */
const STEPS = 25;
const TRANSITIONS = 'crf.transitions';

/** Forward to the emissions; backward from their gradient, with the update of the weights. */
function program(): Program {
  const { graph, emissions } = buildNetwork(SIZES, TIME, BATCH, false);
  const shapes = Object.entries(networkShapes(SIZES));
  const weights = shapes.map(([name, shape]) => graph.state(name, shape));
  const gradient = graph.input('gradient', emissions.shape);
  const results = gradients(graph, [{ node: emissions, gradient }], weights);
  const named = Object.fromEntries(shapes.map(([name], i) => [name, results[i]!]));
  return {
    graph,
    stages: [
      { name: 'forward', outputs: { emissions } },
      { name: 'backward', outputs: {}, updates: adam(graph, named, ADAM) },
    ],
  };
}

function noise(random: Random, size: number, spread: number): Float32Array {
  return Float32Array.from({ length: size }, () => spread * (2 * random.uniform() - 1));
}

/** A training step on random features; gives the mean negative log-likelihood. */
function trainingStep(model: Model, random: Random): () => Promise<number> {
  const features = noise(random, TIME * BATCH * SIZES.gathered, 1);
  const lengths = new Int32Array(BATCH).fill(TIME);
  const { tags } = SIZES;
  const crf = new Crf(tags);
  const shape = [tags, tags];
  const outside = new OutsideWeight(
    TRANSITIONS,
    { [TRANSITIONS]: { shape, data: noise(random, tags * tags, 0.1) } },
    ADAM,
  );
  const gold = Array.from({ length: BATCH }, (_, b) =>
    Int32Array.from({ length: TIME }, (_, t) => (t * BATCH + b) % tags),
  );
  const sentence = { emissions: new Float32Array(TIME * tags), gradient: new Float32Array(TIME * tags) };
  const gradient = new Float32Array(TIME * BATCH * tags);
  let step = 0;
  return async () => {
    const { emissions } = await model.run('step', 'forward', { features, lengths });
    crf.setTransitions(outside.data);
    const transitions = new Float32Array(tags * tags);
    let loss = 0;
    for (let b = 0; b < BATCH; b++) {
      for (let t = 0; t < TIME; t++) {
        const at = (t * BATCH + b) * tags;
        sentence.emissions.set(emissions!.subarray(at, at + tags), t * tags);
      }
      const sums = { emissions: sentence.gradient.fill(0), transitions };
      loss -= crf.logLikelihood(sentence.emissions, TIME, gold[b]!, sums, -1 / BATCH) / BATCH;
      for (let t = 0; t < TIME; t++) {
        gradient.set(sentence.gradient.subarray(t * tags, (t + 1) * tags), (t * BATCH + b) * tags);
      }
    }
    const inputs = adamInputs(++step, { learningRate: 1e-3, correctEpsilon: true, ...ADAM });
    await model.run('step', 'backward', { gradient, ...inputs });
    outside.update(transitions, 0, 1, { rate: inputs['adam.rate']![0]!, epsilon: inputs['adam.epsilon']![0]! });
    return loss;
  };
}

async function ours(engine: Engine, threads: number): Promise<Round> {
  const random = new Random(1, 'bench');
  const weights = Object.fromEntries(
    Object.entries(networkShapes(SIZES)).map(([name, shape]) => [
      name,
      { shape, data: noise(random, sizeOf(shape), 0.05) },
    ]),
  );
  const model = await engine.createModel({ weights, programs: { step: program } }, { threads });
  try {
    const step = trainingStep(model, random);
    const first = await step();
    for (let i = 0; i < 2; i++) await step();
    const times: number[] = [];
    let last = first;
    for (let i = 0; i < STEPS; i++) {
      const start = performance.now();
      last = await step();
      times.push(performance.now() - start);
    }
    if (!(last < first)) throw new Error('the loss does not fall: this is no training');
    return { minimum: minimum(times), median: median(times) };
  } finally {
    await model.dispose();
  }
}

interface PeerStep {
  readonly min_ms: number;
  readonly median_ms: number;
}

export const deepStep: Bench = {
  name: 'deep-step',
  about: 'a training step of the deep part beside PyTorch eager',
  async run(options) {
    const { threads, rounds, engines } = options;
    const peers: Peers = {
      'PyTorch eager': async (python, device) => {
        const flags = ['--threads', String(threads), '--repeats', String(STEPS), '--device', device];
        const step = await runPeer<PeerStep>(python, 'torch_step.py', flags);
        return { minimum: step.min_ms, median: step.median_ms };
      },
    };
    const found = await alternate(options, (engine) => ours(engine, threads), peers);
    const title = `deep-step: 16 x 30 x 256 -> 128, 9 tags, ${threads} threads, ${rounds} rounds of ${STEPS} steps`;
    printTable(title, stepHeader(peers), stepRows(found, engines));
  },
};
