// What a cancelled training leaves behind must not touch the next one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { ModelService } from '../../server/model-service.ts';
import { disk } from '../../server/workspace/disk.ts';
import { Documents } from '../../server/workspace/documents.ts';
import { parseSettings } from '../../server/workspace/settings.ts';
import { HandClock } from '../hand-clock.ts';

const SAMPLES = resolve('samples/portuguese');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-cancelled-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the time that a cancelled training had to end by itself does not end the next training', async () => {
  const clock = new HandClock();
  const silent = { info() {}, warn() {}, error() {} };
  const service = new ModelService(true, {
    ...{ program: resolve('dist/trainer.cjs'), documents: new Documents(), files: disk, clock, log: silent },
    ...{ folders: () => [folder], changed() {}, status() {}, modelsChanged() {}, report() {} },
  });
  const settings = parseSettings(undefined);
  const train = (file: string, progress: () => void, source = new CancellationTokenSource()) => {
    const train = [{ path: join(SAMPLES, file), language: '' }];
    const data = { train, dev: [], parts: 'wide', workspace: folder } as const;
    return service.train(data, settings, progress, source.token);
  };
  try {
    const source = new CancellationTokenSource();
    let first: Promise<unknown> | undefined;
    await new Promise<void>((started) => {
      first = train('train.iob2', started, source);
    });
    source.cancel();
    await expect(first).rejects.toThrow();

    let running = () => {};
    const started = new Promise<void>((resolve) => {
      running = resolve;
    });
    const next = train('dev.iob2', running);
    await started;
    void clock.passAll();
    expect((await next).folder).toContain(folder);
  } finally {
    service.dispose();
  }
});
