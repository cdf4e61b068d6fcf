// Loads onnxruntime-node when it is first needed, so that its absence is a message and not a crash at start.
import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';

export type { Ort };

// Its telemetry is on by default: an identifier of the machine on the disk, and events for a host of Microsoft's. The native library
// asks the environment of the process, which a worker thread cannot change: so here, when the bundle is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1';

let loaded: typeof Ort | undefined;

/** @throws Error with the remedy when the native library cannot be loaded. */
export function onnxruntime(): typeof Ort {
  if (loaded) return loaded;
  try {
    loaded = createRequire(import.meta.url)('onnxruntime-node') as typeof Ort;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(`onnxruntime-node cannot be loaded here (${reason}); reinstall Crosstag for this platform`);
  }
  return loaded;
}
