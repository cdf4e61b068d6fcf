// Arrays that are lent: each to one at a time, and no more of them than were out together.
import { expect, it } from 'vitest';
import { Pool } from '../../../server/tensor/pool.ts';

const MEGA = 1024 * 1024;

it('lends an array that came back again, and never one that is out', () => {
  const pool = new Pool();
  const first = pool.take(MEGA);
  const second = pool.take(MEGA);
  expect(second.buffer).not.toBe(first.buffer);
  pool.give(first);
  const third = pool.take(MEGA - 1000);
  expect(third.length).toBe(MEGA - 1000);
  expect(third.buffer).toBe(first.buffer);
  expect(pool.bytes).toBe(0);
});

it('does not put what is small into the place of what is large', () => {
  const pool = new Pool();
  pool.give(pool.take(MEGA));
  expect(pool.take(10).buffer.byteLength).toBe(40);
  expect(pool.bytes).toBe(4 * MEGA);
});

it('does not keep the arrays of every size that batches ever had', () => {
  const pool = new Pool();
  for (let size = MEGA; size < 2 * MEGA; size += MEGA / 8) pool.give(pool.take(size));
  expect(pool.bytes).toBeLessThan(2.1 * 4 * MEGA);
});
