// Every operation: the oracle, onnxruntime and finite differences agree on values and gradients.
import { describe, expect, it } from 'vitest';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { expectClose, finiteDifferences, runCase, runForward } from './agreement.ts';
import { OP_CASES } from './cases.ts';
import { oracleEngine } from './oracle.ts';

describe.each(Object.entries(OP_CASES))('%s', (_, cases) => {
  it.each(cases.map((opCase, i) => [i, opCase] as const))('case %i', async (_, opCase) => {
    const oracle = await runCase(oracleEngine, opCase);
    const cpu = await runCase(ortEngine('cpu'), opCase);
    const differences = await finiteDifferences(oracleEngine, opCase);
    expectClose(cpu.y, oracle.y, 1e-5, 'value');
    expect(oracle.y.some((x) => x !== 0)).toBe(true);
    expect(Object.keys(oracle.gradients)).toEqual(Object.keys(differences));
    for (const [name, difference] of Object.entries(differences)) {
      expectClose(oracle.gradients[name]!, difference, 1e-3, `oracle, gradient of ${name}`);
      expectClose(cpu.gradients[name]!, oracle.gradients[name]!, 2e-5, `cpu, gradient of ${name}`);
    }
  });
});

// Tagging takes onnxruntime's own LSTM and LayerNorm; only training writes them out.
it.each([...OP_CASES.lstm, ...OP_CASES.normalise].map((opCase, i) => [i, opCase] as const))(
  'lstm and normalise without their gradients, case %i',
  async (_, opCase) => {
    expectClose(await runForward(ortEngine('cpu'), opCase), await runForward(oracleEngine, opCase), 1e-5, 'value');
  },
);
