// A worker thread that answers with errors: nothing of it stays, and the first error is what is heard.
import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import type { ModelDefinition } from '../../../server/tensor/engine.ts';
import { type Request, threadedEngine } from '../../../server/tensor/threaded.ts';

const fake = vi.hoisted(() => ({ refused: new Set<string>(), ended: 0 }));

vi.mock('node:worker_threads', () => ({
  Worker: class extends EventEmitter {
    postMessage({ kind }: Request) {
      const answer = fake.refused.has(kind) ? { error: `no ${kind}` } : { value: undefined };
      queueMicrotask(() => this.emit('message', answer));
    }

    async terminate() {
      fake.ended++;
      this.emit('exit');
    }
  },
}));

vi.mock('node:fs', async (original) => ({ ...(await original<typeof import('node:fs')>()), existsSync: () => true }));

const engine = threadedEngine('cpu')!;
const definition: ModelDefinition = { weights: {}, programs: {} };

afterEach(() => {
  fake.refused.clear();
  fake.ended = 0;
});

it('says why there is no model, also where the thread cannot tidy up', async () => {
  for (const kind of ['create', 'dispose']) fake.refused.add(kind);
  await expect(engine.createModel(definition, { threads: 1 })).rejects.toThrow('no create');
  expect(fake.ended).toBe(1);
});

it('ends the thread of a model that cannot be disposed of', async () => {
  fake.refused.add('dispose');
  const model = await engine.createModel(definition, { threads: 1 });
  await expect(model.dispose()).rejects.toThrow('no dispose');
  expect(fake.ended).toBe(1);
});
