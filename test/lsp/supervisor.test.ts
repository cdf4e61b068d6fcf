// Processes that really die, with a clock that does not wait.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ProcessDied, Supervisor } from '../../server/supervisor.ts';

const program = fileURLToPath(new URL('dying-process.mjs', import.meta.url));

let supervisor: Supervisor | undefined;

afterEach(() => supervisor?.kill());

function start(priority = 0) {
  const deaths: [inARow: number, startsAgain: boolean][] = [];
  const waits: number[] = [];
  const log: string[] = [];
  const write = (message: string) => log.push(message);
  const made = new Supervisor({
    program,
    name: 'test',
    priority,
    log: { info: write, warn: write, error: write },
    clock: {
      now: () => 0,
      after(milliseconds, callback) {
        waits.push(milliseconds);
        setImmediate(callback);
        return () => undefined;
      },
    },
    died: (_, inARow, startsAgain) => deaths.push([inARow, startsAgain]),
  });
  supervisor = made;
  const ask = (method: string, params: unknown = null) => made.request<unknown>((c) => c.sendRequest(method, params));
  return { supervisor: made, ask, deaths, waits, log };
}

describe('a supervised process', () => {
  it('starts when it is first needed, and typed arrays travel as they are', async () => {
    const { supervisor, ask } = start();
    expect(supervisor.pid).toBeUndefined();
    const numbers = Uint16Array.of(1, 65535);
    expect(await ask('echo', numbers)).toEqual(numbers);
    expect(supervisor.pid).toBe(await ask('pid'));
  });

  it.runIf(existsSync('/proc/self/autogroup'))(
    'of the lowest priority stands back behind other sessions too',
    async () => {
      const { supervisor, ask } = start(constants.priority.PRIORITY_LOW);
      await ask('pid');
      expect(getPriority(supervisor.pid)).toBe(constants.priority.PRIORITY_LOW);
      const groupOf = (pid: number | string) => readFile(`/proc/${pid}/autogroup`, 'utf8');
      await expect.poll(() => groupOf(supervisor.pid!)).toMatch(/ nice 19$/m);
      const group = await groupOf(supervisor.pid!);
      expect(group.split(' ')[0]).not.toBe((await groupOf('self')).split(' ')[0]);
    },
  );

  it.runIf(spawnSync('chrt', ['--version']).status === 0)(
    'of the lowest priority computes when nobody else wants to, with all of its threads',
    async () => {
      const { supervisor, ask } = start(constants.priority.PRIORITY_LOW);
      await ask('pid');
      const policies = () => execFileSync('chrt', ['--all-tasks', '--pid', `${supervisor.pid}`], { encoding: 'utf8' });
      await expect.poll(policies).toMatch(/SCHED_IDLE/);
      await expect.poll(policies).not.toMatch(/SCHED_OTHER/);
    },
  );

  it('gets a request again that its predecessor died of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosstag-supervisor-'));
    const { ask, deaths, waits } = start();
    expect(await ask('die once', join(folder, 'died'))).toBe('alive');
    expect(deaths).toEqual([[1, true]]);
    expect(waits).toEqual([250]);
    expect(await ask('pid')).toBeGreaterThan(0);
    await rm(folder, { recursive: true });
  });

  it('answers with an error for a request that kills it twice, and lives on', async () => {
    const { ask, deaths } = start();
    await expect(ask('die')).rejects.toThrow(ProcessDied);
    expect(deaths).toHaveLength(2);
    expect(await ask('echo', [1])).toEqual([1]);
    await expect(ask('die')).rejects.toThrow('exit status 3');
    expect(deaths.map(([inARow]) => inARow)).toEqual([1, 2, 1, 2]);
  });

  it('sends a long work again as often as it is asked to', async () => {
    const { supervisor, deaths } = start();
    await expect(supervisor.request((c) => c.sendRequest('die', null), undefined, 4)).rejects.toThrow(ProcessDied);
    expect(deaths.map(([inARow]) => inARow)).toEqual([1, 2, 3, 4]);
  });

  it('waits twice as long after each death, and stays off after five in a row until it is forgiven', async () => {
    const { supervisor, ask, deaths, waits } = start();
    for (let i = 0; i < 3; i++) await expect(ask('die')).rejects.toThrow(ProcessDied);
    expect(deaths.at(-1)).toEqual([5, false]);
    expect(waits).toEqual([250, 500, 1000, 2000]);
    await expect(ask('echo', [1])).rejects.toThrow('5 times in a row');
    supervisor.forgive();
    expect(await ask('echo', [1])).toEqual([1]);
  });

  it('ends at once when it is killed, which is no death to report', async () => {
    const { supervisor, ask, deaths } = start();
    const first = await ask('pid');
    const pending = ask('never');
    await new Promise((resolve) => setTimeout(resolve, 50));
    supervisor.kill();
    await expect(pending).rejects.toThrow('was stopped');
    expect(deaths).toEqual([]);
    expect(await ask('pid')).not.toBe(first);
  });

  it('writes to the log and not to the channel of the editor', async () => {
    const { ask, log } = start();
    await ask('write');
    await expect.poll(() => log).toContain('test process: not for the editor');
  });
});
