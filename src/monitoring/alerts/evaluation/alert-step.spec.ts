import { describe, expect, it } from 'vitest';
import type { Alert } from '../alert.entity.js';
import { newAlert, stepOf } from './alert-step.js';

const THRESHOLD = { enabled: true, fire: 1, resolve: 1, forSeconds: 0, clearSeconds: 0 };
const HOUR_MS = 3_600_000;

/** What is told hour by hour: first letters of the change, `.` where nobody is told. */
function toldOver(
  values: number[],
  act: (alert: Alert, hour: number) => Partial<Alert> = () => ({}),
): string {
  let alert = newAlert('dead_jobs', new Date(0));
  return values
    .map((value, index) => {
      alert = { ...alert, ...act(alert, index) };
      const now = new Date((index + 1) * HOUR_MS);
      const step = stepOf(alert, { value, detail: '' }, THRESHOLD, now, 2 * HOUR_MS);
      ({ alert } = step);
      return step.isTold ? step.change?.slice(0, 2) : '.';
    })
    .join(' ');
}

describe('people are told', () => {
  it('when it fires, every other hour after that, and when it is over', () => {
    expect(toldOver([0, 1, 1, 1, 1, 1, 0, 0])).toBe('. fi . re . re re .');
  });

  it('no more, but that it is over, once somebody has acknowledged it', () => {
    const acknowledge = (_alert: Alert, hour: number) => (hour === 1 ? { acknowledgedBy: 'Ada' } : {});
    expect(toldOver([1, 1, 1, 1, 0], acknowledge)).toBe('fi . . . re');
  });

  it('anew when it fires again after having been acknowledged', () => {
    const acknowledge = (_alert: Alert, hour: number) => (hour === 1 ? { acknowledgedBy: 'Ada' } : {});
    expect(toldOver([1, 1, 0, 1], acknowledge)).toBe('fi . re fi');
  });

  it('nothing while it is silenced, and of what still fires when that ends', () => {
    const silence = (_alert: Alert, hour: number) =>
      hour === 0 ? { silencedUntil: new Date(3 * HOUR_MS) } : {};
    expect(toldOver([1, 1, 1, 1], silence)).toBe('. . re .');
  });

  it('nothing of what came and went while it was silenced', () => {
    const silence = (_alert: Alert, hour: number) =>
      hour === 0 ? { silencedUntil: new Date(9 * HOUR_MS) } : {};
    expect(toldOver([1, 1, 0, 0], silence)).toBe('. . . .');
  });
});
