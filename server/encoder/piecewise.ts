// A training step in many small stages, for models of which a step would not fit into the memory: what goes into every layer
// is kept, and all else in a layer is computed again when its gradient is due. Then the activations of one layer exist at a
// time, or the logits of one language, or the distances of one layer's states. It costs one more forward pass.
import { globalNorm, gradients, type Node, type OutputGradient, type Stage } from '../tensor/index.ts';
import type { EncoderConfig } from './config.ts';
import { alignmentLosses, LEARN, type Learning, type TrainingLoss } from './learning.ts';

const ofLanguage = (l: number) => `${LEARN}.language.${l}`;
const ADVERSARY = `${LEARN}.adversary`;
const ofAlignment = (layer: number) => `${LEARN}.alignment.${layer}`;
const ofLayer = (layer: number) => `${LEARN}.layer.${layer}`;
const ROWS = `${LEARN}.rows`;

/** The stages of a step before `update`, in their order: `learn` alone, or its pieces. */
export function learnStages(
  { layers, alignment }: Pick<EncoderConfig, 'layers' | 'alignment'>,
  languages: number,
  piecewise: boolean,
): string[] {
  if (!piecewise) return [LEARN];
  const hasTerms = alignment.linkage > 0 || alignment.mean > 0 || alignment.deviation > 0;
  const downwards = Array.from({ length: layers + 1 }, (_, i) => layers - i);
  return [
    LEARN,
    ...Array.from({ length: languages }, (_, l) => ofLanguage(l)),
    ...(alignment.adversarial > 0 ? [ADVERSARY] : []),
    ...downwards.flatMap((layer) => (hasTerms ? [ofAlignment(layer), ofLayer(layer)] : [ofLayer(layer)])),
    ROWS,
  ];
}

/**
 * The stages of `learnStages`. `learn` computes the input of every layer; the others their part of loss and gradients,
 * from the last layer to the first.
 */
export function inPieces({ graph: g, rows, layers, stackNodes, models, aligned, weights }: TrainingLoss): Learning {
  const kept = layers.inputs.slice(1); // the first is made of `rows` in no time
  const stages: Stage[] = [{ name: LEARN, outputs: {}, prepares: kept }];
  const starts: OutputGradient[] = [];

  models.forEach(({ states, targets, table, name, loss, outputs }, l) => {
    const [ofStates, ofTargets, ofTable] = gradients(g, outputs, [states, targets, table]) as [Node, Node, Node];
    starts.push({ node: states, gradient: ofStates }, { node: targets, gradient: ofTargets });
    stages.push({
      name: ofLanguage(l),
      outputs: { [`loss.${l}`]: loss, [`${name}.gradient`]: ofTable },
      prepares: [ofStates, ofTargets],
    });
  });

  const termsOf = (layer: number | undefined) => aligned.terms.filter((term) => term.layer === layer);
  const preparing = (terms: typeof aligned.terms) =>
    terms.flatMap(({ losses, outputs }) => [...losses, ...outputs.flatMap(({ gradient }) => asNodes(gradient))]);
  starts.push(...aligned.terms.flatMap(({ outputs }) => outputs));
  const ofAll = termsOf(undefined);
  if (ofAll.length > 0) {
    stages.push({
      name: ADVERSARY,
      outputs: {},
      prepares: [...preparing(ofAll), ...Object.values(aligned.weights)],
    });
  }

  const names = Object.keys(weights);
  const found = gradients(g, starts, [...Object.values(weights), ...layers.inputs, rows]);
  const ofStack = Object.fromEntries(names.map((name, i) => [name, found[i]!]));
  const ofInputs = found.slice(names.length, -1);
  for (let layer = kept.length; layer >= 0; layer--) {
    const terms = termsOf(layer);
    if (terms.length > 0) stages.push({ name: ofAlignment(layer), outputs: {}, prepares: preparing(terms) });
    const own = names.filter((name) => belongsTo(name, layer, kept.length));
    stages.push({
      name: ofLayer(layer),
      outputs: {},
      prepares: [ofInputs[layer]!, ...own.map((name) => ofStack[name]!)],
    });
  }

  const ofWeights = { ...ofStack, ...aligned.weights };
  const outputs = {
    ...alignmentLosses(g, aligned),
    'rows.gradient': found.at(-1)!,
    norm: globalNorm(g, Object.values(ofWeights)),
  };
  stages.push({ name: ROWS, outputs });
  return { stages, ofWeights, again: new Set([...stackNodes].filter((node) => !kept.includes(node))) };
}

const asNodes = (gradient: Node | number): Node[] => (typeof gradient === 'number' ? [] : [gradient]);

/** Whether a weight is used between the input of this layer and that of the next; behind the last there is a LayerNorm. */
function belongsTo(name: string, layer: number, layers: number): boolean {
  return layer === layers ? !name.includes('.layers.') : name.includes(`.layers.${layer}.`);
}
