// The encoder's graphs give the numbers of the original code, whichever engine runs them.
import { describe } from 'vitest';
import type { Engine } from '../../../server/tensor/index.ts';
import { hasGolden } from '../tagger/deep/golden.ts';
import { goldenParts } from './golden-parts.ts';
import { goldenSteps } from './golden-steps.ts';

export function goldenEncoder(engine: Engine): void {
  describe.skipIf(!hasGolden)('the original code', () => {
    goldenParts(engine);
    goldenSteps(engine);
  });
}
