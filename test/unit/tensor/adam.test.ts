// Adam in one pass over the memory: the numbers of the graph bit for bit, and where it must not be taken.
import { describe, expect, it } from 'vitest';
import { AdamMemory, LANES } from '../../../server/tensor/adam-kernel.ts';
import type { Model, StateTensor } from '../../../server/tensor/engine.ts';
import { gradients } from '../../../server/tensor/graph/gradients.ts';
import { Graph } from '../../../server/tensor/graph/graph.ts';
import { adam, adamInputs, firstMoment, globalNorm, secondMoment } from '../../../server/tensor/graph/optimiser.ts';
import { type Program, planStages } from '../../../server/tensor/graph/program.ts';
import type { Node } from '../../../server/tensor/graph/types.ts';
import { PREPARED, splitAdam } from '../../../server/tensor/ort/adam.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { OutsideWeight } from '../../../server/tensor/outside-weight.ts';

const BETAS = { beta1: 0.9, beta2: 0.997 };
const ROWS = 7;
/** Not a multiple of the numbers that go through at once. */
const SHAPE = [3, 5] as const;

const numbers = (length: number, from: number) => Float32Array.from({ length }, (_, i) => Math.sin(from + 1.7 * i));
const stepAt = (t: number) => ({
  scale: Float32Array.of(0.7),
  ...adamInputs(t, { ...BETAS, learningRate: 0.01, epsilon: 1e-9 }),
});

/** A linear map that learns from x, in two stages; `rows` differ between programs of a model. */
function learning(rows: number): Program {
  const g = new Graph();
  const names = { matrix: g.state('matrix', SHAPE), bias: g.state('bias', [5]) };
  const y = g.tanh(g.linear(g.input('x', [rows, 3]), names.matrix, names.bias));
  const loss = g.sum(g.mul(y, y));
  const found = gradients(g, [{ node: loss, gradient: 1 }], Object.values(names));
  const scale = g.input('scale', []);
  const scaled = Object.fromEntries(Object.keys(names).map((name, i) => [name, g.mul(found[i]!, scale)]));
  return {
    graph: g,
    stages: [
      { name: 'learn', outputs: { loss, norm: globalNorm(g, found) } },
      { name: 'update', outputs: {}, updates: adam(g, scaled, BETAS) },
    ],
  };
}

/** The same with its gradients given to the caller, and an update that is fed with them: the graph makes it. */
function fed(): Record<string, () => Program> {
  const { graph, stages } = learning(ROWS);
  const [learn, update] = stages;
  const { matrix, bias } = Object.fromEntries(
    splitAdam({ graph, stages })
      .adam.get('update')!
      .map((u) => [u.name, u.gradient]),
  );
  const apart = () => {
    const g = new Graph();
    const scale = g.input('scale', []);
    const scaled = { matrix: g.mul(g.input('matrix', SHAPE), scale), bias: g.mul(g.input('bias', [5]), scale) };
    return { graph: g, stages: [{ ...update!, updates: adam(g, scaled, BETAS) }] };
  };
  return {
    learn: () => ({ graph, stages: [{ ...learn!, outputs: { ...learn!.outputs, matrix: matrix!, bias: bias! } }] }),
    update: apart,
  };
}

const weights = () => ({
  matrix: { shape: [...SHAPE], data: numbers(15, 1) },
  bias: { shape: [5], data: numbers(5, 2) },
});
const create = (programs: Record<string, () => Program>): Promise<Model> =>
  ortEngine('cpu').createModel({ weights: weights(), programs }, { threads: 1 });

describe('the kernel', () => {
  it.each([1, 4, 5, 512, 1027])('gives what float32 gives, operation by operation: %i numbers', (length) => {
    const size = Math.ceil(length / LANES) * LANES;
    const memory = new AdamMemory(4 * size + LANES);
    const places = { weight: 0, first: size, second: 2 * size, gradient: 3 * size };
    const behind = memory.view(4 * size, LANES).fill(3);
    const [w, m, v, g] = Object.values(places).map((start, i) => memory.view(start, length).fill(0.1 * i)) as [
      ...[Float32Array, Float32Array, Float32Array, Float32Array],
    ];
    w.set(numbers(length, 1));
    g.set(numbers(length, 2));
    const expected = { w: w.slice(), m: m.slice(), v: v.slice() };
    const f = Math.fround;
    const rates = {
      decay1: 0.9,
      share1: 1 - 0.9,
      decay2: 0.997,
      share2: 1 - 0.997,
      scale: 0.3,
      rate: 0.01,
      epsilon: 1e-9,
    };
    const [d1, s1, d2, s2, scale, rate, epsilon] = Object.values(rates).map(f) as [...number[]] & { length: 7 };
    for (let i = 0; i < length; i++) {
      const x = f(g[i]! * scale!);
      const first = f(f(m[i]! * d1!) + f(x * s1!));
      const second = f(f(v[i]! * d2!) + f(f(x * x) * s2!));
      expected.m[i] = first;
      expected.v[i] = second;
      expected.w[i] = w[i]! - f(f(first * rate!) / f(f(Math.sqrt(second)) + epsilon!));
    }
    memory.step(places, length, rates);
    expect({ w, m, v }).toEqual(expected);
    expect([...behind]).toEqual([3, 3, 3, 3]);
  });

  it.each([
    ['on lanes', 1300, 100, 1100],
    ['that begins between lanes', 1301, 101, 1100],
    ['that ends between lanes', 1300, 100, 1098],
    ['up to the end between lanes', 1301, 100, 1201],
  ])('serves a piece of a weight outside of the graph, %s, and changes no more than it', (_, length, start, size) => {
    const state: Record<string, StateTensor> = { table: { shape: [length], data: numbers(length, 1) } };
    const table = new OutsideWeight('table', state, BETAS);
    expect(state).toEqual({});
    const gradient = numbers(size, 2);
    table.update(gradient, start, 0.5, { rate: 0.01, epsilon: 1e-9 });
    const m = table.state()[firstMoment('table')]!.data;
    const v = table.state()[secondMoment('table')]!.data;
    numbers(length, 1).forEach((before, i) => {
      const isIn = i >= start && i < start + size;
      const g = isIn ? gradient[i - start]! * 0.5 : 0;
      expect(m[i]).toBeCloseTo(0.1 * g, 6);
      expect(v[i]).toBeCloseTo(0.003 * g * g, 8);
      if (!isIn) expect(table.data[i]).toBe(before);
      else expect(table.data[i]).toBeCloseTo(before - (0.01 * 0.1 * g) / (Math.sqrt(0.003 * g * g) + 1e-9), 5);
    });
  });

  it('goes on with the moments that it is given', () => {
    const tensor = (seed: number) => ({ shape: [8], data: numbers(8, seed).map(Math.abs) });
    const given = { table: tensor(1), [firstMoment('table')]: tensor(2), [secondMoment('table')]: tensor(3) };
    const table = new OutsideWeight('table', { ...given }, BETAS);
    expect(table.state()).toEqual(given);
    table.update(new Float32Array(4), 4, 1, { rate: 0, epsilon: 1e-9 });
    const { data } = table.state()[firstMoment('table')]!;
    given[firstMoment('table')]!.data.forEach((before, i) => {
      expect(data[i]).toBeCloseTo(i < 4 ? before : 0.9 * before, 6);
    });
  });
});

describe('a program', () => {
  it('is left without the updates, and without a stage that computes', () => {
    const { program, adam: found } = splitAdam(learning(ROWS));
    expect(found.get('update')!.map(({ name }) => name)).toEqual(['matrix', 'bias']);
    const [learn, update] = planStages(program);
    expect(Object.keys(learn!.stage.outputs).filter((name) => name.startsWith(PREPARED)).length).toBe(2);
    expect(update!.nodes).toEqual([]);
  });

  it('keeps updates whose gradients nothing computes, or that are of another kind', () => {
    const { graph, stages } = learning(ROWS);
    const [learn, update] = stages;
    const { updates } = update!;
    const g = new Graph();
    const plain = { graph: g, stages: [{ ...update!, updates: adam(g, { w: g.input('g', [3]) }, BETAS) }] };
    expect(splitAdam(plain).adam.get('update')).toEqual([]);
    const other = (name: string, node: Node) =>
      splitAdam({ graph, stages: [learn!, { ...update!, updates: { ...updates, [name]: node } }] });
    const decayed = graph.mul(updates!.bias!, 0.5);
    expect(
      other('bias', decayed)
        .adam.get('update')!
        .map(({ name }) => name),
    ).toEqual(['matrix']);
    const moment = firstMoment('bias');
    expect(other(moment, graph.mul(updates![moment]!, 2)).program.stages[1]!.updates).toHaveProperty('bias');
  });

  it('learns to the numbers of the graph, bit for bit', async () => {
    const [one, two] = [await create({ main: () => learning(ROWS) }), await create(fed())];
    for (let t = 1; t <= 4; t++) {
      const x = numbers(ROWS * 3, t);
      const { loss } = await one.run('main', 'learn', { x });
      expect(Object.keys(await one.run('main', 'update', stepAt(t)))).toEqual([]);
      const { loss: same, matrix, bias } = await two.run('learn', 'learn', { x });
      await two.run('update', 'update', { matrix: matrix!, bias: bias!, ...stepAt(t) });
      expect(loss).toEqual(same);
    }
    expect(await one.read()).toEqual(await two.read());
    expect((await one.read()).matrix!.data).not.toEqual(weights().matrix.data);
    for (const model of [one, two]) await model.dispose();
  });

  it('refuses gradients of another program, and an update without its rates', async () => {
    const model = await create({ short: () => learning(2), long: () => learning(4) });
    await model.run('short', 'learn', { x: numbers(6, 1) });
    const { 'adam.rate': _, ...without }: Record<string, Float32Array> = stepAt(1);
    await expect(model.run('short', 'update', without)).rejects.toThrow('short/update needs the input adam.rate');
    await model.run('long', 'learn', { x: numbers(12, 1) });
    await expect(model.run('short', 'update', stepAt(1))).rejects.toThrow(
      'short/update must run after the stages before',
    );
    await model.run('long', 'update', stepAt(1));
    await expect(model.run('long', 'update', stepAt(1))).rejects.toThrow(
      'long/update must run after the stages before',
    );
    await model.write(weights());
    expect((await model.read(['bias'])).bias).toEqual(weights().bias);
    await model.dispose();
  });
});
