// The GPU engines that work on this machine; on most machines that run the tests there is none. Without a GPU SwiftShader, of Debian's
// Chromium, serves WebGPU: LD_LIBRARY_PATH=/usr/lib/chromium VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json npm run test:gpu
import { pickEngine } from '../../../server/tensor/engines.ts';

export const GPUS = ['webgpu', 'cuda'] as const;

/** By name, whether a device answers. Taken one after another: each is tried in a process of its own. */
export async function workingGpus(): Promise<ReadonlyMap<(typeof GPUS)[number], boolean>> {
  const works = new Map<(typeof GPUS)[number], boolean>();
  for (const name of GPUS) {
    const answers = pickEngine(name).then(
      () => true,
      () => false,
    );
    works.set(name, await answers);
  }
  return works;
}
