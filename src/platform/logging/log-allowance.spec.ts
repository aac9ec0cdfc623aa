import { expect, it } from 'vitest';
import { LogAllowance } from './log-allowance.js';

it('a flood writes as many lines a second as allowed, and then reports how many were left out', () => {
  const allowance = new LogAllowance(3);
  const lines = (now: number, count: number) => Array.from({ length: count }, () => allowance.take(now));

  expect(lines(0, 5)).toEqual([{}, {}, {}, null, null]);
  expect(lines(999, 1)).toEqual([null]);
  expect(lines(1000, 2)).toEqual([{ leftOut: 3 }, {}]);
});
