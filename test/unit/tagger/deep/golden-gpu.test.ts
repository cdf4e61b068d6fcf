// The deep part of the tagger on each GPU engine, where a device answers (../../tensor/gpus.ts).
import { describe } from 'vitest';
import { ortEngine } from '../../../../server/tensor/ort/index.ts';
import { GPUS, workingGpus } from '../../tensor/gpus.ts';
import { goldenTagger } from './golden-cases.ts';

const works = await workingGpus();

describe.each(GPUS)('%s', (name) => {
  describe.skipIf(!works.get(name))('where a device answers', () => {
    goldenTagger(ortEngine(name));
  });
});
