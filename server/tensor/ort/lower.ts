// Lowers one stage of a program to an ONNX graph.
import type { StagePlan } from '../graph/program.ts';
import type { Node, NodeOf, Op, Shape } from '../graph/types.ts';
import { Fusions, type Normalised } from './fusions.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx.ts';
import { type Emitter, LOWER, type LowerRule } from './operations.ts';

/** WebGPU cannot split into more parts than this at once (storage buffers of a shader). */
const MOST_SPLIT_OUTPUTS = 7;

/** A stage as an ONNX graph. Every node of ours is a value of the name `valueName` gives. */
export function lowerStage(plan: StagePlan, options: { readonly narrowSplits: boolean }): OnnxGraph {
  return new Lowering(plan, options.narrowSplits).graph();
}

/** The name of a node's value in every stage. */
export function valueName(node: Node): string {
  if (node.op === 'input') return `input.${node.attributes.name}`;
  if (node.op === 'state') return `state.${node.attributes.name}`;
  return `v${node.id}`;
}

const describe = (node: Node): OnnxValue => ({ name: valueName(node), element: node.dtype, shape: node.shape });

/** Values that a session of the stage is fed with. */
export function stageInputs(plan: StagePlan): Node[] {
  return [...plan.fed, ...plan.kept, ...plan.states, ...plan.carriedIn];
}

/** An ONNX graph cannot give a value that it was fed with under the same name: such an output is a copy. */
export function outputName(node: Node, computed: ReadonlySet<Node>): string {
  return computed.has(node) ? valueName(node) : `copy.${valueName(node)}`;
}

/** Values that a session of the stage gives: outputs, updates and what is carried over, each once. */
export function stageOutputs({ stage, carriedOut }: StagePlan): Node[] {
  return [...new Set([...Object.values(stage.outputs), ...Object.values(stage.updates ?? {}), ...carriedOut])];
}

class Lowering implements Emitter {
  readonly #plan: StagePlan;
  readonly #narrowSplits: boolean;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #computed: ReadonlySet<Node>;
  readonly #fusions: Fusions;
  /** Slices of one source along one axis that do not overlap: one split. By source and axis. */
  readonly #splits = new Map<string, Piece[]>();
  readonly #done = new Set<Node>();
  #temporaries = 0;

  constructor(plan: StagePlan, narrowSplits: boolean) {
    this.#plan = plan;
    this.#narrowSplits = narrowSplits;
    this.#computed = new Set(plan.nodes);
    this.#fusions = new Fusions(plan, stageOutputs(plan));
    this.#findSplits();
  }

  graph(): OnnxGraph {
    for (const node of this.#plan.nodes) {
      if (!this.#done.has(node) && !this.#fusions.isAbsorbed(node)) this.#lower(node);
    }
    const outputs = stageOutputs(this.#plan).map((node) => {
      const name = outputName(node, this.#computed);
      if (!this.#computed.has(node)) this.emit('Identity', [valueName(node)], name);
      return { ...describe(node), name };
    });
    const inputs = stageInputs(this.#plan).map(describe);
    return { nodes: this.#nodes, constants: [...this.#constants.values()], inputs, outputs };
  }

  emit(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes?: Record<string, OnnxAttribute>,
    domain?: string,
  ): string {
    this.#nodes.push({ op, inputs, outputs: [output], attributes, domain });
    return output;
  }

  temporary(): string {
    this.#temporaries++;
    return `t${this.#temporaries}`;
  }

  constant(data: OnnxTensor['data'], shape: Shape): string {
    const element = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64';
    const name = `c.${element}.${shape.join('x')}.${data.length <= 64 ? data.join('_') : this.#constants.size}`;
    if (!this.#constants.has(name)) this.#constants.set(name, { name, element, shape, data });
    return name;
  }

  initializer(tensor: OnnxTensor): void {
    this.#constants.set(tensor.name, tensor);
  }

  integers(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values.map(BigInt)), [values.length]);
  }

  #lower(node: Node): void {
    if (node.op === 'slice') {
      const split = this.#splits.get(splitKey(node));
      if (split) {
        this.#split(node, split);
        return;
      }
    }
    if (node.op === 'normalise' || node.op === 'inverseDeviation') {
      this.#normalise(node);
      return;
    }
    if (node.op === 'add' && this.#lowerFused(node)) return;
    const squared = node.op === 'sum' ? this.#fusions.sumOfSquares(node) : undefined;
    if (node.op === 'sum' && squared) {
      const { axes } = node.attributes;
      this.emit('ReduceSumSquare', [valueName(squared)], valueName(node), { axes, keepdims: 1 });
      return;
    }
    const rule = LOWER[node.op] as LowerRule<Op>;
    rule(this, node as NodeOf<Op>, node.inputs.map(valueName), valueName(node));
  }

  /** An addition that takes what it adds to into itself. @returns whether it is one */
  #lowerFused(sum: NodeOf<'add'>): boolean {
    const found = this.#fusions.productAndSum(sum);
    if (found) {
      const { transposeA, transposeB } = found.product.attributes;
      const inputs = [...found.product.inputs, found.addend].map(valueName);
      this.emit('Gemm', inputs, valueName(sum), { transA: Number(transposeA), transB: Number(transposeB) });
      return true;
    }
    const norm = this.#fusions.layerNorm(sum);
    if (!norm) return false;
    this.#layerNorm(norm.normalised, [norm.scale, norm.shift].map(valueName), [valueName(sum)]);
    return true;
  }

  /** Normalised values and the inverse deviation in one go, where both are wanted. */
  #normalise(node: Normalised): void {
    const size = node.inputs[0]!.shape.at(-1)!;
    const wanted = this.#fusions.normalisation(node);
    const name = (op: Normalised['op']) => wanted.filter((n) => n.op === op).map(valueName)[0];
    const deviation = name('inverseDeviation');
    const ones = `ones.${size}`;
    this.initializer({ name: ones, element: 'float32', shape: [size], data: new Float32Array(size).fill(1) });
    const values = name('normalise') ?? this.temporary();
    this.#layerNorm(node, [ones], deviation === undefined ? [values] : [values, '', deviation]);
    for (const n of wanted) this.#done.add(n);
  }

  /** @param factors names of the scale and, perhaps, of the shift */
  #layerNorm({ inputs: [x], attributes }: Normalised, factors: readonly string[], outputs: readonly string[]): void {
    const inputs = [valueName(x!), ...factors];
    this.#nodes.push({
      op: 'LayerNormalization',
      inputs,
      outputs,
      attributes: { axis: -1, epsilon: { float: attributes.epsilon } },
    });
  }

  #findSplits(): void {
    const groups = new Map<string, NodeOf<'slice'>[]>();
    for (const node of this.#plan.nodes) {
      if (node.op !== 'slice') continue;
      const key = splitKey(node);
      groups.set(key, [...(groups.get(key) ?? []), node]);
    }
    for (const [key, group] of groups) {
      const pieces = group.length > 1 ? this.#pieces(group) : undefined;
      if (pieces) this.#splits.set(key, pieces);
    }
  }

  /** Slices and the gaps between them; undefined where they overlap. */
  #pieces(group: readonly NodeOf<'slice'>[]): Piece[] | undefined {
    const pieces: Piece[] = [];
    let end = 0;
    const gap = (until: number) => {
      if (until > end) pieces.push({ name: this.temporary(), size: until - end });
    };
    for (const slice of group.toSorted((x, y) => x.attributes.start - y.attributes.start)) {
      const { axis, start } = slice.attributes;
      if (start < end) return undefined;
      gap(start);
      pieces.push({ name: valueName(slice), size: slice.shape[axis]!, slice });
      end = start + slice.shape[axis]!;
    }
    const [{ inputs, attributes }] = group as [NodeOf<'slice'>];
    gap(inputs[0]!.shape[attributes.axis]!);
    return pieces;
  }

  #split(node: NodeOf<'slice'>, parts: readonly Piece[]): void {
    const { axis } = node.attributes;
    const cut = (source: string, pieces: readonly Piece[]): void => {
      if (this.#narrowSplits && pieces.length > MOST_SPLIT_OUTPUTS) {
        const chunk = Math.ceil(pieces.length / MOST_SPLIT_OUTPUTS);
        const chunks = Array.from({ length: Math.ceil(pieces.length / chunk) }, (_, i) =>
          pieces.slice(i * chunk, (i + 1) * chunk),
        );
        const whole = chunks.map((c) => ({
          name: c.length === 1 ? c[0]!.name : this.temporary(),
          size: c.reduce((sum, p) => sum + p.size, 0),
        }));
        cut(source, whole);
        chunks.forEach((c, i) => {
          if (c.length > 1) cut(whole[i]!.name, c);
        });
        return;
      }
      const outputs = pieces.map((p) => p.name);
      const sizes = this.integers(pieces.map((p) => p.size));
      this.#nodes.push({ op: 'Split', inputs: [source, sizes], outputs, attributes: { axis } });
    };
    cut(valueName(node.inputs[0]!), parts);
    for (const { slice } of parts) if (slice) this.#done.add(slice);
  }
}

/** A part of a split: one of our slices, or what no slice takes. */
interface Piece {
  readonly name: string;
  readonly size: number;
  readonly slice?: Node;
}

function splitKey(node: NodeOf<'slice'>): string {
  return `${node.inputs[0]!.id} ${node.attributes.axis}`;
}
