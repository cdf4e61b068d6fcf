// Processes that compute for minutes must not be felt in the editor. Where the system forbids one of these wishes, nothing is lost.
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { messageOf } from './text/error-message.ts';
import type { Logger } from './workspace/host.ts';

/**
 * Whether a process of that niceness is to be forked with a session of its own (`detached`). Linux with autogroups divides the
 * processors among sessions, and niceness counts within one: beside the window of an editor in another session, a training would
 * get as much as the window.
 */
export function isApart(priority: number): boolean {
  return priority >= constants.priority.PRIORITY_LOW && existsSync('/proc/self/autogroup');
}

/** @param priority niceness (os.constants.priority); with the lowest, the process computes when nobody else wants to */
export function lowerPriority(pid: number, priority: number, log: Logger): void {
  try {
    setPriority(pid, priority);
  } catch {
    // The process may have ended already, or the system forbids it.
  }
  if (isApart(priority)) sessionBehind(pid, priority, log);
  if (priority >= constants.priority.PRIORITY_LOW && process.platform === 'linux') onlyWhenIdle(pid);
}

/** The session of a process gets as little as the process. */
function sessionBehind(pid: number, priority: number, log: Logger, tries = 5): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${priority}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The kernel takes one such wish in a tenth of a second, from all of its users together.
    if (code === 'EAGAIN' && tries > 1) setTimeout(() => sessionBehind(pid, priority, log, tries - 1), 150).unref();
    else if (code !== 'ENOENT' && code !== 'ESRCH') log.warn(`/proc/${pid}/autogroup: ${messageOf(error)}`);
  }
}

/**
 * SCHED_IDLE: to the kernel a processor with nothing but this is free, so that whatever wakes up (a key, a frame) goes there at
 * once instead of waiting for a busy one. Node cannot ask for it; `chrt` of util-linux can, for the threads that are there, and
 * those that they start inherit it.
 */
function onlyWhenIdle(pid: number): void {
  execFile('chrt', ['--idle', '--all-tasks', '--pid', '0', `${pid}`], () => {
    // Not every Linux has it; niceness remains.
  });
}
