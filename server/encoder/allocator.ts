// How the C library of a process that trains deals with memory that was freed.

const SETTING = 'MALLOC_MMAP_THRESHOLD_';

/**
 * For the environment that such a process starts with. glibc raises by itself the size up to which it keeps freed blocks, to
 * 32 MB: at the paper's size a training then takes a third more (docs/benchmarks.md). Other systems do not read it.
 */
export const ALLOCATOR = { [SETTING]: String(4 * 2 ** 20) };

/** The same for people who start it themselves; the first line of the command line has it (server/cli.ts), which `node cli.cjs` does not read. */
export const AS_TYPED = `${SETTING}=${ALLOCATOR[SETTING]}`;

/** Whether this process keeps what was freed. */
export function keepsFreed(): boolean {
  return process.platform === 'linux' && !process.env[SETTING];
}
