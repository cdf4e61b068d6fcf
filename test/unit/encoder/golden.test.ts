// The encoder on the product's own engine.
import { ortEngine } from '../../../server/tensor/ort/index.ts';
import { goldenEncoder } from './golden-cases.ts';

goldenEncoder(ortEngine('cpu'));
