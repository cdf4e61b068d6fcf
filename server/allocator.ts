// How the C library of a process that trains deals with memory.

/**
 * For the environment that such a process starts with (and the first line of cli.ts). glibc raises by itself the size up to
 * which it keeps freed blocks, to 32 MB: at the paper's size a training then takes 1.4 GB more (docs/benchmarks.md). Other
 * systems do not read it.
 */
export const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: String(4 * 2 ** 20) };
