// The programs of one direction of the encoder. The two directions share the embedding tables and nothing else: each has
// its stack, its language model and its share of the alignment, so that they can run side by side.
import { adam, Graph, type Node, type Program, type Shape } from '../tensor/index.ts';
import { adversary, discriminatorShapes } from './alignment/adversarial.ts';
import { type Alignment, averageLinkage, type Cloud, cosineLinkage } from './alignment/linkage.ts';
import { meansAndDeviations } from './alignment/moments.ts';
import type { EncoderConfig } from './config.ts';
import { fullSoftmax, sampledSoftmax } from './language-model.ts';
import { type Aligned, type AlignmentTerm, atOnce, type LanguageTerm, type TrainingLoss } from './learning.ts';
import { type Direction, embed, sentencesApart, stack, stackShapes, stackStates } from './network.ts';
import { inPieces } from './piecewise.ts';

export const UPDATE = 'update';
export const RUN = 'run';

/** The moments' rates (spec section 6). */
export const ADAM = { beta1: 0.9, beta2: 0.997, epsilon: 1e-9 } as const;

/** Width of the layer in the discriminator. */
const DISCRIMINATOR = 256;

/** Sentences of a language and their padded length. */
export interface BatchShape {
  readonly sentences: number;
  readonly time: number;
}

/** Rows that sentences are packed into, and the words that fit into each. */
export interface RowShape {
  readonly rows: number;
  readonly time: number;
}

/** What the programs of a training depend on besides the configuration. */
export interface Languages {
  /** Vocabulary sizes. */
  readonly sizes: readonly number[];
  /** Whether `learn` is many stages, those of `learnStages`, that each need little memory. */
  readonly piecewise?: boolean;
}

/** Samples of a language's softmax; undefined: its vocabulary is small and it gets the full one. */
export function samplesOf(config: EncoderConfig, vocabulary: number): number | undefined {
  return vocabulary > config.negatives ? config.negatives : undefined;
}

/** Weights inside the graph of a direction. */
export function directionShapes(config: EncoderConfig, languages: number, direction: Direction): Record<string, Shape> {
  const input = (config.layers + 1) * config.hidden;
  return {
    ...stackShapes(config, direction),
    ...(config.alignment.adversarial > 0 &&
      discriminatorShapes({ input, hidden: DISCRIMINATOR, languages }, discriminatorName(direction))),
  };
}

const discriminatorName = (direction: Direction) => `discriminator.${direction}`;

/** The rows of the batch: [batch, time + 2, hidden] with `<eos>` on both sides, and what follows from the lengths. */
function inputsOf(g: Graph, config: EncoderConfig, batch: number, time: number) {
  const rows = g.input('rows', [batch, time + 2, config.hidden]);
  const lengths = g.input('lengths', [batch], 'int32');
  const mask = g.reshape(g.transpose(g.sequenceMask(lengths, time), [1, 0]), [batch, time, 1]);
  return { rows, mask, words: g.slice(rows, 1, 1, time) };
}

/** The embedding of what each position predicts: the next word, or the one before. */
function targetsOf(g: Graph, rows: Node, direction: Direction): Node {
  const time = rows.shape[1]! - 2;
  return g.slice(rows, 1, direction === 'forward' ? 2 : 0, time);
}

/**
 * A training step of one direction over all languages at once: [languages * sentences] rows of one length.
 *
 * Stage `learn` (or the pieces of it, which share its inputs and outputs), inputs: `rows`; `lengths` int32 [languages * sentences]; `weight` [languages, sentences * time], what each
 * word counts in the loss; the masks `drop.<site>`; for each language l `negatives.<l>` [samples, hidden],
 * `correction.<l>` [samples], `own.<l>` and `hit.<l>` [sentences * time], or `table.<l>` [vocabulary, hidden] where there
 * are no samples; `alpha` [] with an adversary. Outputs: `loss.<l>` (sum over its words), `linkage`, `moments`, `adversary` where they are
 * on; gradients of `rows` and of `negatives.<l>` or `table.<l>`; `norm` of the gradients of the weights.
 *
 * Stage `update`, inputs `scale` [] (of the gradients: clipping), `adam.rate`, `adam.epsilon`.
 */
export function trainingProgram(
  config: EncoderConfig,
  languages: Languages,
  direction: Direction,
  { sentences, time }: BatchShape,
): Program {
  const g = new Graph();
  const count = languages.sizes.length;
  const words = sentences * time;
  const { rows, mask, words: ownRows } = inputsOf(g, config, count * sentences, time);
  const drop = (x: Node, site: string) => (config.dropout === 0 ? x : g.mul(x, g.input(`drop.${site}`, x.shape)));
  const x = embed(g, ownRows, mask, drop);
  const layers = stack(g, x, mask, config, direction, drop);
  const { states } = layers;
  const stackNodes = new Set(g.nodes);

  const byLanguage = (y: Node): Node[] =>
    g.split(g.reshape(y, [count * words, y.shape[2]!]), Array<number>(count).fill(words), 0);
  const masks = byLanguage(mask);
  const weight = g.input('weight', [count, words]);
  const targets = byLanguage(targetsOf(g, rows, direction));
  const models = byLanguage(states.at(-1)!).map((top, l): LanguageTerm => {
    const inputs = {
      states: top,
      targets: targets[l]!,
      mask: g.reshape(masks[l]!, [words]),
      weight: g.reshape(g.slice(weight, 0, l, 1), [words]),
    };
    const samples = samplesOf(config, languages.sizes[l]!);
    const name = samples === undefined ? `table.${l}` : `negatives.${l}`;
    const table = g.input(name, [samples ?? languages.sizes[l]!, config.hidden]);
    const { perWord, outputs } =
      samples === undefined
        ? fullSoftmax(g, inputs, table, config.confidence)
        : sampledSoftmax(
            g,
            inputs,
            table,
            g.input(`correction.${l}`, [samples]),
            g.input(`own.${l}`, [words]),
            g.input(`hit.${l}`, [words]),
          );
    return { states: top, targets: targets[l]!, table, name, loss: g.sum(perWord), outputs };
  });
  const aligned = align(g, config, states.map(byLanguage), masks, direction);
  const shapes = stackShapes(config, direction);
  const weights = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.state(name, shape)]));
  const loss: TrainingLoss = { graph: g, rows, layers, stackNodes, models, aligned, weights };
  const { stages, ofWeights, again } = languages.piecewise ? inPieces(loss) : atOnce(loss);
  const scale = g.input('scale', []);
  const scaled = Object.fromEntries(Object.entries(ofWeights).map(([name, dw]) => [name, g.mul(dw, scale)]));
  const update = { name: UPDATE, outputs: {}, updates: adam(g, scaled, ADAM) };
  return { graph: g, stages: [...stages, update], ...(again && { again }) };
}

/** The alignment terms that the configuration switches on, over all layers of the direction. */
function align(
  g: Graph,
  { alignment, layers, hidden }: EncoderConfig,
  states: readonly (readonly Node[])[],
  masks: readonly Node[],
  direction: Direction,
): Aligned {
  const terms: AlignmentTerm[] = [];
  let weights: Aligned['weights'] = {};
  const clouds = states.map((languages) => languages.map((s, l): Cloud => ({ states: s, mask: masks[l]! })));
  const ofLayers = (name: AlignmentTerm['name'], term: (layer: readonly Cloud[]) => Alignment) =>
    terms.push(...clouds.map((layer, i) => ({ name, layer: i, ...term(layer) })));
  if (alignment.linkage > 0) {
    const linkage = alignment.distance === 'l2' ? averageLinkage : cosineLinkage;
    ofLayers('linkage', (layer) => linkage(g, layer, alignment.linkage, alignment.selfTerms));
  }
  if (alignment.mean > 0 || alignment.deviation > 0) {
    ofLayers('moments', (layer) => meansAndDeviations(g, layer, alignment));
  }
  if (alignment.adversarial > 0) {
    const all = masks.map((mask, l): Cloud => {
      const side = g.concat(
        states.map((languages) => languages[l]!),
        1,
      );
      return { states: g.reshape(side, [mask.shape[0]!, (layers + 1) * hidden]), mask };
    });
    const alpha = g.input('alpha', []);
    const { adversary: kind = 'reversal' } = alignment;
    const found = adversary(g, all, DISCRIMINATOR, kind, alpha, discriminatorName(direction));
    terms.push({ name: 'adversary', layer: undefined, losses: [found.loss], outputs: found.outputs });
    weights = found.weights;
  }
  return { terms, weights };
}

/**
 * States of sentences, without dropout; a row holds as many of them as fit. Inputs `words` [rows, time, hidden], the
 * embeddings; `sentences` [rows, time], from 1 the number of each word's sentence in its row and 0 at padding;
 * `positions` int32 [rows, time], where in its sentence a word stands. Output `states` [rows, time, (layers + 1) * hidden],
 * layer 0 first; or of one layer, [rows, time, hidden].
 */
export function statesProgram(
  config: EncoderConfig,
  direction: Direction,
  { rows, time }: RowShape,
  layer?: number,
): Program {
  const g = new Graph();
  const words = g.input('words', [rows, time, config.hidden]);
  const sentences = g.input('sentences', [rows, time]);
  const mask = g.reshape(g.step(sentences), [rows, time, 1]);
  const x = embed(g, words, mask, undefined, g.input('positions', [rows, time], 'int32'));
  const apart = sentencesApart(g, sentences);
  const all = stackStates(g, x, mask, config, direction, undefined, apart);
  const states = layer === undefined ? g.concat(all, 2) : all[layer]!;
  return { graph: g, stages: [{ name: RUN, outputs: { states } }] };
}

/**
 * Full-softmax cross-entropy of one language, without dropout or smoothing. Inputs `rows` [sentences, time + 2, hidden],
 * `lengths`, and `table` [vocabulary, hidden]; output `loss`, the sum over real words.
 */
export function evaluationProgram(
  config: EncoderConfig,
  direction: Direction,
  vocabulary: number,
  { sentences, time }: BatchShape,
): Program {
  const g = new Graph();
  const { rows, mask, words } = inputsOf(g, config, sentences, time);
  const states = stackStates(g, embed(g, words, mask), mask, config, direction);
  const flat = (x: Node) => g.reshape(x, [sentences * time, config.hidden]);
  const ones = g.reshape(mask, [sentences * time]);
  const { perWord } = fullSoftmax(
    g,
    { states: flat(states.at(-1)!), targets: flat(targetsOf(g, rows, direction)), mask: ones, weight: ones },
    g.input('table', [vocabulary, config.hidden]),
    1,
  );
  return { graph: g, stages: [{ name: RUN, outputs: { loss: g.sum(perWord) } }], isRare: true };
}
