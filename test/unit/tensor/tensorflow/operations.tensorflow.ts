// Every operation: TensorFlow agrees with onnxruntime and with the oracle on values and gradients.
import { describe, expect, it } from 'vitest';
import { ortEngine } from '../../../../server/tensor/ort/index.ts';
import { tensorflowEngine } from '../../../../server/tensor/tensorflow/index.ts';
import { expectClose, runCase } from '../agreement.ts';
import { OP_CASES } from '../cases.ts';
import { oracleEngine } from '../oracle.ts';

describe.each(Object.entries(OP_CASES))('%s', (_, cases) => {
  it.each(cases.map((opCase, i) => [i, opCase] as const))('case %i', async (_, opCase) => {
    const tensorflow = await runCase(tensorflowEngine, opCase);
    const engines = { oracle: oracleEngine, onnxruntime: ortEngine('cpu') };
    for (const [name, engine] of Object.entries(engines)) {
      const expected = await runCase(engine, opCase);
      expectClose(tensorflow.y, expected.y, 1e-5, `value beside ${name}`);
      expect(Object.keys(tensorflow.gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
      for (const [input, gradient] of Object.entries(expected.gradients)) {
        expectClose(tensorflow.gradients[input]!, gradient, 2e-5, `gradient of ${input} beside ${name}`);
      }
    }
  });
});
