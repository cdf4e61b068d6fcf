import { InputError } from './types.ts';

/** What went wrong, in its own words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What Node, the engines and their drivers say where memory has run out. */
const OUT_OF_MEMORY =
  /Array buffer allocation failed|bad_alloc|Failed to allocate memory|out of memory|OOM when allocating|ALLOC_FAILED/i;

/** The one message for a lack of memory; undefined for other errors. Engines tell it in words alone. */
export function memoryError(error: unknown): InputError | undefined {
  const what = messageOf(error);
  if (error instanceof InputError || !OUT_OF_MEMORY.test(what)) return undefined;
  const remedy =
    'end other programs, take a smaller size, fewer threads or another engine, or a machine with more memory';
  return new InputError(`there is not enough (${what.split('\n')[0]})`, remedy, { path: 'memory' });
}

/** Whether work ended because it was aborted. Not every error after that is one of it: the disk may be full when it saves. */
export function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  if (!signal?.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
