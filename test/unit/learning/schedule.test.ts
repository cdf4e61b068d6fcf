import { describe, expect, it } from 'vitest';
import { PAUSE, RetrainSchedule } from '../../../server/learning/schedule.ts';
import { HandClock } from '../../hand-clock.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A schedule whose runs end when the test says so. */
function start(limits = { corrections: 3, minutes: 30 }) {
  const clock = new HandClock();
  const runs: { end(result: number): void; fail(error: Error): void; signal: AbortSignal; asked: boolean }[] = [];
  const failures: unknown[] = [];
  const schedule = new RetrainSchedule<number>(limits, {
    clock,
    run: (signal, asked) =>
      new Promise((end, fail) => {
        runs.push({ end, fail, signal, asked });
        signal.addEventListener('abort', () => fail(new Error('aborted')));
      }),
    changed: () => undefined,
    failed: (error) => failures.push(error),
  });
  return { clock, runs, failures, schedule };
}

describe('the schedule', () => {
  it('runs after so many corrections, when the person pauses', async () => {
    const { clock, runs, schedule } = start();
    schedule.corrected(3);
    expect(schedule.state).toBe('waiting');
    await clock.pass(PAUSE - 1);
    schedule.edited();
    await clock.pass(PAUSE - 1);
    expect(runs).toHaveLength(0);
    await clock.pass(1);
    expect(runs).toHaveLength(1);
    expect(schedule).toMatchObject({ state: 'training', corrections: 0, queued: false });
    expect(runs[0]!.asked).toBe(false);
    runs[0]!.end(1);
    await settle();
    expect(schedule.state).toBe('idle');
    await clock.pass(3_600_000);
    expect(runs).toHaveLength(1);
  });

  it('runs so many minutes after the first correction, and never without one', async () => {
    const { clock, runs, schedule } = start();
    await clock.pass(3_600_000);
    schedule.edited();
    schedule.corrected();
    await clock.pass(29 * 60_000);
    schedule.edited();
    expect(runs).toHaveLength(0);
    await clock.pass(60_000);
    expect(runs).toHaveLength(1);
  });

  it('lets one run wait behind the one that goes on, and no more', async () => {
    const { clock, runs, schedule } = start();
    const first = schedule.request();
    expect(runs).toHaveLength(1);
    const second = schedule.request();
    const third = schedule.request();
    schedule.corrected(10);
    await clock.pass(PAUSE);
    expect(schedule.queued).toBe(true);
    expect(runs).toHaveLength(1);
    runs[0]!.end(1);
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]!.end(2);
    await settle();
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 2]);
    await clock.pass(3_600_000);
    expect(runs).toHaveLength(2);
  });

  it('is cut off by a pause, and goes on when it is resumed', async () => {
    const { clock, runs, schedule, failures } = start();
    schedule.corrected(3);
    await clock.pass(PAUSE);
    schedule.pause();
    expect(runs[0]!.signal.aborted).toBe(true);
    await settle();
    expect(schedule).toMatchObject({ state: 'paused', corrections: 3 });
    schedule.corrected(30);
    await clock.pass(3_600_000);
    expect(runs).toHaveLength(1);
    schedule.resume();
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  it('knows what was cut off however often it is paused', async () => {
    const { clock, runs, schedule } = start();
    schedule.corrected(3);
    await clock.pass(PAUSE);
    schedule.pause();
    await settle();
    schedule.pause();
    schedule.resume();
    expect(runs).toHaveLength(2);
    schedule.pause();
    await settle();
    schedule.edited();
    schedule.resume();
    // It waits until the person pauses.
    schedule.pause();
    schedule.resume();
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(3);
  });

  it('has nothing to go on with where the run had come to its end before the pause reached it', async () => {
    const { clock, runs, schedule } = start();
    schedule.corrected(3);
    await clock.pass(PAUSE);
    runs[0]!.end(1);
    schedule.pause();
    await settle();
    schedule.resume();
    await clock.pass(3_600_000);
    expect(runs).toHaveLength(1);
    expect(schedule).toMatchObject({ state: 'idle', corrections: 0 });
  });

  it('runs while it is paused where somebody asks for it', async () => {
    const { runs, schedule } = start();
    schedule.pause();
    const asked = schedule.request();
    expect(runs[0]!.asked).toBe(true);
    runs[0]!.end(7);
    expect(await asked).toBe(7);
    expect(schedule.state).toBe('paused');
  });

  it('cancels what runs and what waits, and waits for new corrections', async () => {
    const { clock, runs, schedule } = start();
    schedule.corrected(3);
    await clock.pass(PAUSE);
    const waiting = schedule.request();
    schedule.cancel();
    await expect(waiting).rejects.toThrow('cancelled');
    await settle();
    expect(schedule).toMatchObject({ state: 'idle', corrections: 3 });
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(1);
    schedule.corrected(3);
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(2);
  });

  it('does not try again at once what has failed, and says it once', async () => {
    const { clock, runs, schedule, failures } = start();
    schedule.corrected(3);
    await clock.pass(PAUSE);
    runs[0]!.fail(new Error('no labels'));
    await settle();
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(1);
    expect(failures).toHaveLength(1);
    await clock.pass(30 * 60_000);
    expect(runs).toHaveLength(2);
  });

  it('counts corrections that come while a run goes on for the next one', async () => {
    const { clock, runs, schedule } = start();
    schedule.corrected(3);
    await clock.pass(PAUSE);
    schedule.corrected(2);
    runs[0]!.end(1);
    await settle();
    expect(schedule).toMatchObject({ state: 'idle', corrections: 2 });
    schedule.corrected();
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(2);
  });

  it('does not start what was withdrawn while it waited, and ends what was withdrawn while it ran', async () => {
    const { runs, schedule } = start();
    const [first, second] = [schedule.request(), schedule.request()];
    schedule.withdraw(second);
    await expect(second).rejects.toThrow('cancelled');
    expect(runs[0]!.signal.aborted).toBe(false);
    schedule.withdraw(first);
    await expect(first).rejects.toThrow('aborted');
    await settle();
    expect(runs).toHaveLength(1);
    expect(schedule.state).toBe('idle');
  });

  it('takes new limits at once', async () => {
    const { clock, runs, schedule } = start();
    schedule.corrected(2);
    schedule.configure({ corrections: 2, minutes: 30 });
    await clock.pass(PAUSE);
    expect(runs).toHaveLength(1);
  });
});
