// How far a long piece of work is, on stderr: a bar on a terminal, plain lines at decent intervals otherwise.
import { Presets, SingleBar } from 'cli-progress';
import { timeLeft } from '../features/numbers.ts';

export interface Step {
  readonly done: number;
  readonly total: number;
  /** What is going on, in a few words. */
  readonly note: string;
  /** Speed with its unit, as `12,345 words/s`; empty before it is known. */
  readonly rate: string;
  /** Seconds left; undefined before it is known. */
  readonly left: number | undefined;
}

export interface Progress {
  show(step: Step): void;
  /** A line that stays, above the bar. */
  log(line: string): void;
  stop(): void;
}

/** Milliseconds between two plain lines. */
const LINE_INTERVAL = 5000;

export function startProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): Progress {
  const single = new SingleBar(
    {
      stream,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 24,
      format: '{bar} {percentage}% {note}{rate}{left}',
      // The handlers in interrupt.ts end the work; the library's own would end the process before it is on disk.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    show(step) {
      const payload = { note: step.note, rate: part(step.rate), left: part(timeLeft(step.left)) };
      if (!started) single.start(step.total, step.done, payload);
      started = true;
      single.setTotal(step.total);
      single.update(step.done, payload);
    },
    log(line) {
      // The bar remembers where it started: what is written below would be overwritten at its end.
      if (started) single.stop();
      started = false;
      stream.write(`${line}\n`);
    },
    stop() {
      if (started) single.stop();
      started = false;
    },
  };
}

function lines(stream: NodeJS.WriteStream): Progress {
  let last = Date.now();
  return {
    show(step) {
      const now = Date.now();
      if (now - last < LINE_INTERVAL) return;
      last = now;
      const percent = step.total > 0 ? `${Math.floor((100 * step.done) / step.total)}% ` : '';
      stream.write(`${percent}${step.note}${part(step.rate)}${part(timeLeft(step.left))}\n`);
    },
    log: (line) => void stream.write(`${line}\n`),
    stop: () => undefined,
  };
}

function part(text: string): string {
  return text === '' ? '' : `, ${text}`;
}
