// Works that must not run beside each other run in the order in which they came, whatever becomes of each.
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../../extension/turns.ts';

describe('turns', () => {
  it('come one after another, also behind one that fails', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const work = (name: string, milliseconds: number) => async () => {
      done.push(`${name} begins`);
      await setTimeout(milliseconds);
      done.push(`${name} ends`);
      if (name === 'second') throw new Error(name);
      return name;
    };
    const all = [work('first', 20), work('second', 10), work('third', 0)].map((each) => turns.run(each));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(done).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect(await turns.run(work('last', 0))).toBe('last');
  });
});
