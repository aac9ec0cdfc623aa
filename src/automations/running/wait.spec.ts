import { describe, expect, it } from 'vitest';
import type { WaitUntil } from '../definitions/definition.js';
import { waitFor, waitUntil } from './wait.js';

const NOW = new Date('2026-03-01T00:00:00Z');
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const HOUR: WaitUntil = {
  until: { type: 'stage', in: ['active'] },
  timeout: { hours: 1 },
  onTimeout: 'continue',
};
const begun = { state: 'running', step: 3, waitsUntil: null } as const;
const waiting = (waitsUntil: Date) => ({ state: 'waiting', step: 3, waitsUntil }) as const;

describe('a wait', () => {
  it('of a fixed length is due at its begin and at its end', () => {
    expect(waitFor({ minutes: 5 }, begun, NOW)).toMatchObject({ state: 'waiting', step: 3, dueAt: at(5) });
    expect(waitFor({ minutes: 5 }, { ...begun, state: 'waiting' }, at(5))).toMatchObject({
      state: 'running',
      step: 4,
      outcome: 'waited',
    });
  });

  it.each<[string, Date | null, Date, Date]>([
    ['every ten minutes', null, at(60), at(10)],
    ['when time makes it true', at(3), at(60), at(3)],
    ['at its end', null, at(7), at(7)],
  ])('for a rule looks at it %s', (_, flipsAt, waitsUntil, dueAt) => {
    const next = waitUntil(HOUR, { isTrue: false, flipsAt }, waiting(waitsUntil), NOW);
    expect(next).toMatchObject({ state: 'waiting', waitsUntil, dueAt });
  });

  it('for a rule keeps its end from the begin on', () => {
    const untrue = { isTrue: false, flipsAt: null };
    expect(waitUntil(HOUR, untrue, begun, NOW)).toMatchObject({ waitsUntil: at(60) });
    expect(waitUntil(HOUR, untrue, waiting(at(60)), at(30))).toMatchObject({ waitsUntil: at(60) });
  });

  it('for a rule ends when it is true, or with its time', () => {
    const ends = (isTrue: boolean, onTimeout: 'continue' | 'stop') =>
      waitUntil({ ...HOUR, onTimeout }, { isTrue, flipsAt: null }, waiting(NOW), NOW);
    expect(ends(true, 'stop')).toMatchObject({ state: 'running', step: 4, outcome: 'came_true' });
    expect(ends(false, 'continue')).toMatchObject({ state: 'running', step: 4, outcome: 'timed_out' });
    expect(ends(false, 'stop')).toMatchObject({
      state: 'stopped',
      reason: 'timed_out',
      outcome: 'timed_out',
    });
  });
});
