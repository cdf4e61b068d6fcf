import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disk } from '../../../server/workspace/disk.ts';
import { newestEncoder, nextEncoder } from '../../../server/workspace/encoders.ts';

let workspace: string;
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'crosstag-encoders-'));
});
afterAll(() => rm(workspace, { recursive: true }));

const folder = (version: string) => join(workspace, '.crosstag', 'encoders', 'en-አማ', version);

async function finished(version: string): Promise<void> {
  await mkdir(folder(version), { recursive: true });
  await writeFile(join(folder(version), 'encoder.json'), '{}');
}

it('the first encoder is version 1, also when it is taken up again', async () => {
  expect(await newestEncoder(disk, workspace, 'en-አማ')).toBeUndefined();
  expect(await nextEncoder(disk, workspace, 'en-አማ')).toBe(folder('1'));
  await mkdir(folder('1.training'), { recursive: true });
  expect(await nextEncoder(disk, workspace, 'en-አማ')).toBe(folder('1'));
});

it('the newest encoder is the one with the greatest number that is whole', async () => {
  await finished('2');
  await finished('10');
  await mkdir(folder('11'));
  await mkdir(folder('12.training'));
  await mkdir(folder('.13.writing-1-ab'));
  expect(await newestEncoder(disk, workspace, 'en-አማ')).toBe(folder('10'));
  expect(await nextEncoder(disk, workspace, 'en-አማ')).toBe(folder('12'));
});
