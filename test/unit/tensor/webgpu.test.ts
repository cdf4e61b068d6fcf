// The same operations and training steps on WebGPU, where a device answers. Without a GPU: SwiftShader, of Debian's Chromium:
// LD_LIBRARY_PATH=/usr/lib/chromium VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json npx vitest run test/unit/tensor/webgpu
import { describe, expect, it } from 'vitest';
import { pickEngine } from '../../../server/tensor/engines.ts';
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { expectClose, runCase } from './agreement.ts';
import { OP_CASES } from './cases.ts';
import { adamAt, type TaggerSizes, taggerInputs, taggerProgram, taggerState } from './tagger-program.ts';

const works = await pickEngine('webgpu').then(
  () => true,
  () => false,
);

describe.skipIf(!works)('WebGPU', () => {
  describe.each(Object.entries(OP_CASES))('%s', (_, cases) => {
    it.each(cases.map((opCase, i) => [i, opCase] as const))('case %i', async (_, opCase) => {
      const [gpu, cpu] = [await runCase(ortEngine('webgpu'), opCase), await runCase(ortEngine('cpu'), opCase)];
      expectClose(gpu.y, cpu.y, 1e-5, 'value');
      for (const [name, gradient] of Object.entries(cpu.gradients)) {
        expectClose(gpu.gradients[name]!, gradient, 5e-5, `gradient of ${name}`);
      }
    });
  });

  it('trains as on the CPU, its weights on the device', async () => {
    const sizes: TaggerSizes = { time: 3, batch: 2, input: 3, hidden: 2, tags: 3 };
    const run = async (provider: 'cpu' | 'webgpu') => {
      const definition = { weights: taggerState(sizes), programs: { main: () => taggerProgram(sizes) } };
      const model = await ortEngine(provider).createModel(definition, { threads: 1 });
      const saved = [];
      for (let step = 1; step <= 4; step++) {
        const { emissions } = await model.run('main', 'forward', taggerInputs(sizes));
        await model.run('main', 'backward', { dEmissions: emissions!.slice(), ...adamAt(step) });
        if (step === 2) await model.write(await model.read());
        saved.push(await model.read());
      }
      await model.dispose();
      return saved;
    };
    const [gpu, cpu] = [await run('webgpu'), await run('cpu')];
    expect(gpu.length).toBe(cpu.length);
    cpu.forEach((state, step) => {
      for (const [name, { data }] of Object.entries(state)) {
        expectClose(gpu[step]![name]!.data, data, 1e-4, `${name} after step ${step + 1}`);
      }
    });
  });
});
