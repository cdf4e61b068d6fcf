// Comparing engines: one tolerance rule, and a case run through an engine.
import { expect } from 'vitest';
import type { Engine } from '../../../server/tensor/engine.ts';
import { sizeOf } from '../../../server/tensor/graph/types.ts';
import { caseProgram, differentiable, type OpCase, spread } from './cases.ts';

/** |x - y| <= tolerance * max(1, |y|), as in golden/README.md. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= tolerance * Math.max(1, Math.abs(expected[i]!)))) {
      expect.fail(`${what}[${i}]: ${actual[i]} is not ${expected[i]} (tolerance ${tolerance})`);
    }
  }
}

export interface CaseResult {
  readonly y: Float32Array;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Value and gradients of a case, for one fixed gradient of its output. */
export async function runCase(engine: Omit<Engine, 'name'>, opCase: OpCase): Promise<CaseResult> {
  const model = await engine.createModel(
    { weights: {}, programs: { main: () => caseProgram(opCase) } },
    { threads: 1 },
  );
  try {
    const inputs = Object.fromEntries(Object.entries(opCase.inputs).map(([name, { data }]) => [name, data]));
    const { y } = await model.run('main', 'forward', inputs);
    const value = y!.slice();
    const gradients = await model.run('main', 'backward', { dy: outputGradient(value.length) });
    return {
      y: value,
      gradients: Object.fromEntries(Object.entries(gradients).map(([name, data]) => [name, data.slice()])),
    };
  } finally {
    await model.dispose();
  }
}

/** Value of a case by a program without gradients. */
export async function runForward(engine: Omit<Engine, 'name'>, opCase: OpCase): Promise<Float32Array> {
  const build = () => {
    const { graph, stages } = caseProgram(opCase);
    return { graph, stages: stages.slice(0, 1) };
  };
  const model = await engine.createModel({ weights: {}, programs: { main: build } }, { threads: 1 });
  const inputs = Object.fromEntries(Object.entries(opCase.inputs).map(([name, { data }]) => [name, data]));
  const { y } = await model.run('main', 'forward', inputs);
  const value = y!.slice();
  await model.dispose();
  return value;
}

function outputGradient(length: number): Float32Array {
  return spread([length]).data.map((x) => Math.sin(x) + 0.2) as Float32Array;
}

/**
 * The gradients of sum(y * dy) by five-point differences, summed in float64: in float32 evaluations they are good to
 * about 1e-4 for values around 1.
 */
export async function finiteDifferences(
  engine: Omit<Engine, 'name'>,
  opCase: OpCase,
): Promise<CaseResult['gradients']> {
  const model = await engine.createModel(
    { weights: {}, programs: { main: () => caseProgram(opCase) } },
    { threads: 1 },
  );
  const inputs = Object.fromEntries(Object.entries(opCase.inputs).map(([name, { data }]) => [name, data.slice()]));
  const loss = async () => {
    const { y } = await model.run('main', 'forward', inputs);
    const dy = outputGradient(y!.length);
    return y!.reduce((sum, value, i) => sum + value * dy[i]!, 0);
  };
  const h = 0.03;
  const result: Record<string, Float32Array> = {};
  for (const name of differentiable(opCase)) {
    const data = inputs[name]!;
    const gradient = new Float32Array(sizeOf(opCase.inputs[name]!.shape));
    for (let i = 0; i < gradient.length; i++) {
      const centre = data[i]!;
      const at = async (steps: number) => {
        data[i] = centre + steps * h;
        const value = await loss();
        data[i] = centre;
        return value;
      };
      gradient[i] = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * h);
    }
    result[name] = gradient;
  }
  await model.dispose();
  return result;
}
