// Which program wrote a line, and whether it still runs: labels that wait unsaved in another window are no crash.
import { hostname } from 'node:os';
import { contentHash } from '../../text/index.ts';

/** Machines by a hash: their names are nobody's business. */
const MACHINE = contentHash([hostname()]).slice(0, 6);

/** This program. */
export const RUN = `${MACHINE}-${process.pid}`;

/** Whether the program that wrote a line runs on this machine; of other machines nobody knows. */
export function isRunning(run: string | undefined): boolean {
  const [machine, id] = (run ?? '').split('-');
  if (machine !== MACHINE) return false;
  try {
    return process.kill(Number(id), 0);
  } catch (error) {
    // Another user's program runs too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
