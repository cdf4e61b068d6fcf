// The encoder on TensorFlow.
import { tensorflowEngine } from '../../../server/tensor/tensorflow/index.ts';
import { goldenEncoder } from './golden-cases.ts';

goldenEncoder(tensorflowEngine);
