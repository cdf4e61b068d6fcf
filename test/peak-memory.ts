// The most memory that another process has had.
import { readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const PAUSE = 100;

/** Looks at a process until it is asked what it has seen (Linux). @returns ends it, and gives the most bytes */
export function watchPeak(pid: number | undefined): () => number {
  let peak = 0;
  const looking = setInterval(() => {
    try {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kilobytes ?? 0) * 1024);
    } catch {
      // It has just ended
    }
  }, PAUSE);
  return () => {
    clearInterval(looking);
    return peak;
  };
}
