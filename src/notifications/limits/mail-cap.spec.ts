import { describe, expect, it } from 'vitest';
import { roomAt } from './mail-cap.js';

const NOW = new Date('2026-11-24T16:40:00Z');
const at = (hour: string, count: number) => ({ hour: new Date(`2026-11-${hour}:00:00Z`), count });

describe('a cap has room for one more', () => {
  it.each([
    ['when nothing was counted', [], 3, 24, null],
    ['below it', [at('24T16', 2)], 3, 24, null],
    ['never, at it, before the hour has left the day', [at('24T16', 3)], 3, 24, '2026-11-25T16:00:00.000Z'],
    ['as soon as enough has left', [at('24T02', 1), at('24T10', 2)], 3, 24, '2026-11-25T02:00:00.000Z'],
    ['when more than enough had come', [at('24T02', 1), at('24T10', 5)], 3, 24, '2026-11-25T10:00:00.000Z'],
    ['in any order of the hours', [at('24T10', 2), at('24T02', 1)], 3, 24, '2026-11-25T02:00:00.000Z'],
    ['for what is 24 hours ago', [at('23T16', 9)], 3, 24, null],
    ['not for what is less than that', [at('23T17', 9)], 3, 24, '2026-11-24T17:00:00.000Z'],
    ['an hour later, by the hour', [at('24T16', 9), at('24T15', 9)], 3, 1, '2026-11-24T17:00:00.000Z'],
    ['in a new hour', [at('24T15', 9)], 3, 1, null],
    ['always, where there is none', [at('24T16', 1_000_000)], 0, 24, null],
  ])('%s', (_, counts, cap, hours, expected) => {
    expect(roomAt(counts, { cap, hours }, NOW)?.toISOString() ?? null).toBe(expected);
  });
});
