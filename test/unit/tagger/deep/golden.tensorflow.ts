// The deep part of the tagger on TensorFlow.
import { tensorflowEngine } from '../../../../server/tensor/tensorflow/index.ts';
import { goldenTagger } from './golden-cases.ts';

goldenTagger(tensorflowEngine);
