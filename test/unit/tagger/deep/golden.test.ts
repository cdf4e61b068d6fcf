// The deep part of the tagger on the product's own engine.
import { ortEngine } from '../../../../server/tensor/ort/index.ts';
import { goldenTagger } from './golden-cases.ts';

goldenTagger(ortEngine('cpu'));
