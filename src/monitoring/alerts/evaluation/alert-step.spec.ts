import { describe, expect, it } from 'vitest';
import type { Alert } from '../alert.entity.js';
import { newAlert, stepOf } from './alert-step.js';

const THRESHOLD = { enabled: true, fire: 1, resolve: 1, forSeconds: 0, clearSeconds: 0 };
const HOUR_MS = 3_600_000;

/** The notices hour by hour: the first letters of the change, `.` without a notice. */
function noticesOver(
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
      return step.isDue ? step.change?.slice(0, 2) : '.';
    })
    .join(' ');
}

describe('notices are sent', () => {
  it('when it fires, every other hour after that, and when it is over', () => {
    expect(noticesOver([0, 1, 1, 1, 1, 1, 0, 0])).toBe('. fi . re . re re .');
  });

  it('only about the end after an operator has acknowledged it', () => {
    const acknowledge = (_alert: Alert, hour: number) => (hour === 1 ? { acknowledgedBy: 'Ada' } : {});
    expect(noticesOver([1, 1, 1, 1, 0], acknowledge)).toBe('fi . . . re');
  });

  it('again when it fires again after an acknowledgement', () => {
    const acknowledge = (_alert: Alert, hour: number) => (hour === 1 ? { acknowledgedBy: 'Ada' } : {});
    expect(noticesOver([1, 1, 0, 1], acknowledge)).toBe('fi . re fi');
  });

  it('not during a silence, but after it if the alert still fires', () => {
    const silence = (_alert: Alert, hour: number) =>
      hour === 0 ? { silencedUntil: new Date(3 * HOUR_MS) } : {};
    expect(noticesOver([1, 1, 1, 1], silence)).toBe('. . re .');
  });

  it('not about an alert that began and ended during a silence', () => {
    const silence = (_alert: Alert, hour: number) =>
      hour === 0 ? { silencedUntil: new Date(9 * HOUR_MS) } : {};
    expect(noticesOver([1, 1, 0, 0], silence)).toBe('. . . .');
  });
});

describe('durations count only while alerts are evaluated', () => {
  const threshold = { ...THRESHOLD, forSeconds: 60, clearSeconds: 60 };
  const at = (seconds: number) => new Date(seconds * 1000);
  const stepAt = (alert: Alert, value: number, seconds: number) =>
    stepOf(alert, { value, detail: '' }, threshold, at(seconds), 0).alert;

  it('an alert that was pending before missed rounds starts pending again', () => {
    const pending = stepAt(newAlert('no_worker', at(0)), 1, 0);
    expect(stepAt(pending, 1, 90).state).toBe('firing');
    expect(stepAt(pending, 1, 3600)).toMatchObject({ state: 'pending', since: at(3600) });
  });

  it('an alert that had begun to recover starts to recover again', () => {
    const firing = { ...newAlert('no_worker', at(0)), state: 'firing' as const };
    const clearing = stepAt(firing, 0, 0);
    expect(stepAt(clearing, 0, 60).state).toBe('resolved');
    expect(stepAt(clearing, 0, 3600)).toMatchObject({ state: 'firing', clearSince: at(3600) });
  });
});
