// Which program wrote a line, and whether it still runs: labels that wait unsaved in another window are no crash.
import { hostname, uptime } from 'node:os';
import { contentHash } from '../../text/index.ts';
import type { JournalEntry } from './entry.ts';

/** Machines by a hash: their names are nobody's business. */
const MACHINE = contentHash([hostname()]).slice(0, 6);

/** This program. */
export const RUN = `${MACHINE}-${process.pid}`;

export const isOfThisMachine = (run: string): boolean => run.startsWith(`${MACHINE}-`);

/** Milliseconds by which the clock may have been set since the machine was started. */
const SKEW = 60_000;

/** Whether the program that wrote a line runs on this machine; of other machines nobody knows. */
export function isRunning({ run = '', at }: Pick<JournalEntry, 'run' | 'at'>): boolean {
  if (!isOfThisMachine(run)) return false;
  const [, id] = run.split('-');
  // A container gives its programs the same numbers after every start.
  if (Number(id) === process.pid) return Date.parse(at) >= performance.timeOrigin;
  // Since the machine was started anew, another program may have its number.
  if (Date.parse(at) < Date.now() - uptime() * 1000 - SKEW) return false;
  try {
    return process.kill(Number(id), 0);
  } catch (error) {
    // Another user's program runs too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
