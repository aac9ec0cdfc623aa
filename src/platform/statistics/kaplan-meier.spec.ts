import { describe, expect, it } from 'vitest';
import { medianSurvival, type Observation, stepAt, survivalCurve } from './kaplan-meier.js';

/** Weeks of remission under 6-MP (Freireich and others 1963); + marks those still in remission. */
const REMISSIONS = '6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+';

function observationsOf(text: string): Observation[] {
  return text.split(' ').map((word) => ({ time: Number.parseFloat(word), hasEvent: !word.endsWith('+') }));
}

describe('a survival curve', () => {
  const curve = survivalCurve(observationsOf(REMISSIONS));

  it('is the published one of remissions', () => {
    expect(curve.map(({ time, atRisk, events }) => [time, atRisk, events])).toEqual([
      [6, 21, 3],
      [7, 17, 1],
      [10, 15, 1],
      [13, 12, 1],
      [16, 11, 1],
      [22, 7, 1],
      [23, 6, 1],
    ]);
    const published = [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448];
    curve.forEach(({ survival }, at) => expect(survival).toBeCloseTo(published[at] ?? 0, 3));
    expect(medianSurvival(curve)).toBe(23);
  });

  it("has Greenwood's interval", () => {
    const standardErrors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346];
    curve.forEach(({ survival, low }, at) => {
      expect((survival - low) / 1.959964).toBeCloseTo(standardErrors[at] ?? 0, 3);
    });
    expect(curve[0]?.high).toBe(1);
  });

  it('holds from each event on', () => {
    expect(stepAt(curve, 5)).toBeNull();
    expect(stepAt(curve, 12)?.time).toBe(10);
    expect(stepAt(curve, 40)?.time).toBe(23);
  });

  it('has no median while more than half survive, and no steps without events', () => {
    expect(medianSurvival(survivalCurve(observationsOf('1 2+ 3+ 4+')))).toBeNull();
    expect(survivalCurve([])).toEqual([]);
    expect(survivalCurve(observationsOf('1+ 2+'))).toEqual([]);
  });

  it('ends at 0 when the last one has the event', () => {
    const last = survivalCurve(observationsOf('1 2')).at(-1);
    expect(last).toMatchObject({ survival: 0, low: 0, high: 0 });
  });
});
