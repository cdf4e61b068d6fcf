// Ctrl+C, SIGTERM and a closed terminal as an AbortSignal: the first asks, the second ends the process at once.

/** Milliseconds after which a person would press Ctrl+C again. */
const PATIENCE = 1000;
const STOPPING = 'crosstag: stopping as soon as what was done is safe; Ctrl+C again ends it at once';

/** A signal that the first SIGINT, SIGTERM or SIGHUP aborts; a second one ends the process with status 130. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    setTimeout(() => process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}${STOPPING}\n`), PATIENCE).unref();
    // Nobody types more; a command that reads stdin would wait for ever, and no other needs to hear of it.
    process.stdin.on('error', () => undefined).destroy(controller.signal.reason);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  return controller.signal;
}
