// Which neighbouring nodes of a stage onnxruntime computes in one operation.
import type { StagePlan } from '../graph/program.ts';
import { type Node, type NodeOf, type Shape, sameShape } from '../graph/types.ts';

/** A 2-D product and what is added to it: one Gemm. */
export interface ProductAndSum {
  readonly product: NodeOf<'matMul'>;
  readonly addend: Node;
}

/** Normalised rows that are scaled and shifted: one LayerNormalization. */
export interface LayerNorm {
  readonly normalised: NodeOf<'normalise'>;
  readonly product: NodeOf<'mul'>;
  readonly scale: Node;
  readonly shift: Node;
}

export type Normalised = NodeOf<'normalise'> | NodeOf<'inverseDeviation'>;

/** What is found in one stage. */
export class Fusions {
  readonly #users = new Map<Node, Node[]>();
  readonly #computed: ReadonlySet<Node>;
  readonly #outputs: ReadonlySet<Node>;

  /** @param outputs values that the stage gives: they cannot vanish in another node */
  constructor(plan: StagePlan, outputs: Iterable<Node>) {
    this.#computed = new Set(plan.nodes);
    this.#outputs = new Set(outputs);
    for (const node of plan.nodes) {
      for (const input of node.inputs) this.#users.set(input, [...(this.#users.get(input) ?? []), node]);
    }
  }

  /** For a product whose only use is to be added to something of its shape, or to a row or column. */
  productAndSum(sum: NodeOf<'add'>): ProductAndSum | undefined {
    for (const [product, addend] of bothWays(sum.inputs)) {
      if (product.op === 'matMul' && product.shape.length === 2 && this.#isOnlyFor(product, sum)) {
        return { product, addend };
      }
    }
    return undefined;
  }

  /** For normalised rows whose only use is to be scaled and shifted, every row alike. */
  layerNorm(sum: NodeOf<'add'>): LayerNorm | undefined {
    for (const [product, shift] of bothWays(sum.inputs)) {
      if (product.op !== 'mul' || !this.#isOnlyFor(product, sum)) continue;
      for (const [normalised, scale] of bothWays(product.inputs)) {
        if (normalised.op !== 'normalise' || !this.#isOnlyFor(normalised, product)) continue;
        const row: Shape = [normalised.shape.at(-1)!];
        if (sameShape(scale.shape, row) && sameShape(shift.shape, row)) return { normalised, product, scale, shift };
      }
    }
    return undefined;
  }

  /** What a sum adds the squares of, where nothing else needs them: one ReduceSumSquare, without memory for the squares. */
  sumOfSquares(sum: NodeOf<'sum'>): Node | undefined {
    const [product] = sum.inputs as [Node];
    if (product.op !== 'mul' || product.inputs[0] !== product.inputs[1]) return undefined;
    return this.#hasOnlyUser(product) ? product.inputs[0] : undefined;
  }

  /** True for a node that its only user takes into itself. */
  isAbsorbed(node: Node): boolean {
    const [user] = this.#users.get(node) ?? [];
    if (node.op === 'matMul') return user?.op === 'add' && this.productAndSum(user)?.product === node;
    if (node.op === 'mul' && user?.op === 'sum') return this.sumOfSquares(user) !== undefined;
    if (node.op === 'mul') return user?.op === 'add' && this.layerNorm(user)?.product === node;
    if (node.op !== 'normalise' || user?.op !== 'mul') return false;
    const [sum] = this.#users.get(user) ?? [];
    return sum?.op === 'add' && this.layerNorm(sum)?.normalised === node;
  }

  /** What the same normalisation of the same values gives: the normalised ones, the inverse deviation, or both. */
  normalisation({ inputs: [x], attributes }: Normalised): Normalised[] {
    return this.#users
      .get(x!)!
      .filter((user) => user.op === 'normalise' || user.op === 'inverseDeviation')
      .filter((user) => user.attributes.epsilon === attributes.epsilon && !this.isAbsorbed(user));
  }

  #isOnlyFor(node: Node, user: Node): boolean {
    return this.#hasOnlyUser(node) && sameShape(node.shape, user.shape);
  }

  #hasOnlyUser(node: Node): boolean {
    return !this.#outputs.has(node) && this.#computed.has(node) && this.#users.get(node)?.length === 1;
  }
}

const bothWays = ([a, b]: readonly Node[]): [Node, Node][] => [
  [a!, b!],
  [b!, a!],
];
