// The door of the encoder: pre-train one, load one, look at one.

export { readPosition } from './checkpoint.ts';
export { type AlignmentConfig, alignmentSchema, type EncoderConfig, encoderConfig } from './config.ts';
export { encoderFiles, loadEncoder } from './encoder.ts';
export {
  checkpointFolder,
  DESCRIPTION,
  type EncoderDescription,
  LOG,
  readEmbeddings,
  readEncoderDescription,
  requireFinished,
} from './folder.ts';
export { estimateMemory } from './memory.ts';
export { pretrainEncoder } from './pretrain.ts';
export {
  type Encoder,
  type Perplexity,
  type PretrainOptions,
  type PretrainProgress,
  type PretrainReport,
  SIZES,
  type Size,
  TEMPLATES,
  type Template,
} from './types.ts';
