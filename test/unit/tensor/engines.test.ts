// Which engines there are: the CPU always works, and whatever does not work says why instead of crashing.
import { describe, expect, it } from 'vitest';
import { ENGINES, listEngines, pickEngine } from '../../../server/tensor/engines.ts';

describe('engines', () => {
  it('that are chosen get their threads before TensorFlow is loaded, which keeps them', async () => {
    delete process.env.TF_NUM_INTRAOP_THREADS;
    await pickEngine('tensorflow', 3).catch(() => undefined);
    expect(process.env.TF_NUM_INTRAOP_THREADS).toBe('3');
  });

  it('are all listed; the CPU works, others work or say why not', async () => {
    const statuses = await listEngines(1);
    expect(statuses.map(({ name }) => name)).toEqual(ENGINES);
    const [cpu] = statuses;
    expect(cpu).toMatchObject({ name: 'cpu', available: true });
    for (const { available, reason, version, gflops } of statuses) {
      expect(reason).not.toBe('');
      expect(reason).not.toMatch(/\n| at .*:\d+:\d+/);
      if (available) {
        expect(version).toMatch(/^\d+\.\d+/);
        expect(gflops).toBeGreaterThan(0.01);
      } else expect(gflops).toBeUndefined();
      if (!available) await expect(pickEngine(statuses.find((s) => s.reason === reason)!.name)).rejects.toThrow(reason);
    }
  });

  it('picks the CPU when nobody chose', async () => {
    expect((await pickEngine('auto')).engine.name).toBe('cpu');
    expect((await pickEngine('cpu')).reason).not.toBe('');
  });
});
