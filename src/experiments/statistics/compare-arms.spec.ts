import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustOverGoals, compareArms, type ComparisonRule } from './compare-arms.js';
import { guardArms } from './guard-arms.js';
import type { ArmDay } from './running-totals.js';
import { isUnknown } from './unknown.js';

const CALENDAR = ['2026-03-01', '2026-03-02', '2026-03-03'];
const RULE: ComparisonRule = {
  metric: 'proportion',
  arms: ['a', 'b'],
  method: 'sequential',
  alpha: 0.05,
};

/** Units whose window closed on the n-th day of the calendar. */
function closed(arm: string, day: number, units: number, sum: number, stratum = 'all'): ArmDay {
  return { arm, stratum, day: CALENDAR[day] ?? '', units, sum, sumOfSquares: sum };
}

const assigned = (arm: string, day: number, units: number) => ({ arm, day: CALENDAR[day] ?? '', units });

describe('the comparison of arms', () => {
  const days = [
    closed('b', 1, 5000, 1500),
    closed('a', 1, 5000, 1000),
    closed('a', 2, 5000, 1400),
    closed('b', 2, 5000, 800),
  ];
  const given = [assigned('a', 0, 6000), assigned('b', 0, 6000), assigned('a', 1, 6000)];

  it('adds up the days, and counts units whose window is open', () => {
    const counts = compareArms(days, given, CALENDAR, RULE).map(({ day, arms }) => [
      day,
      ...arms.map((arm) => [arm.units, arm.open, arm.conversions, arm.mean]),
    ]);
    expect(counts).toEqual([
      ['2026-03-01', [0, 6000, 0, null], [0, 6000, 0, null]],
      ['2026-03-02', [5000, 7000, 1000, 0.2], [5000, 1000, 1500, 0.3]],
      ['2026-03-03', [10_000, 2000, 2400, 0.24], [10_000, 0, 2300, 0.23]],
    ]);
  });

  it('keeps a lift significant that was so once, even after bad days', () => {
    const [first, second, third] = compareArms(days, given, CALENDAR, RULE).map(
      ({ arms }) => arms[1]?.comparison,
    );
    expect(first).toEqual({ unknown: 'no_units' });
    expect(second).toMatchObject({ lift: expect.closeTo(0.5, 12), strata: 1 });
    expect(third && 'p' in third && second && 'p' in second && third.p === second.p).toBe(true);
    expect(third && 'lift' in third && third.lift).toBeCloseTo(-1 / 24, 12);
  });

  it('has no comparison for the control, or with a single arm', () => {
    expect(compareArms(days, given, CALENDAR, RULE)[2]?.arms[0]?.comparison).toBeNull();
    expect(compareArms(days, given, CALENDAR, { ...RULE, arms: ['a'] })[2]?.arms).toHaveLength(1);
  });

  it('gives no lift over a control with fewer than 50 conversions', () => {
    const few = [closed('a', 0, 1000, 40), closed('b', 0, 1000, 200)];
    expect(compareArms(few, [], CALENDAR, RULE)[0]?.arms[1]?.comparison).toEqual({
      unknown: 'baseline_is_uncertain',
    });
  });

  it('finds an arm that loses all conversions', () => {
    const broken = [closed('a', 0, 2000, 300), closed('b', 0, 2000, 0)];
    const comparison = compareArms(broken, [], CALENDAR, RULE)[0]?.arms[1]?.comparison;
    expect(comparison && 'p' in comparison && comparison.p).toBeLessThan(0.001);
  });

  it('corrects p for the number of goals and arms, those not known yet included', () => {
    const three = { ...RULE, arms: ['a', 'b', 'c'] };
    const one = [closed('a', 0, 5000, 1000), closed('b', 0, 5000, 1120), closed('c', 0, 5000, 1010)];
    const other = [closed('a', 2, 5000, 1000), closed('b', 2, 5000, 1000)];
    const goals = [one, other].map((rows) => compareArms(rows, [], CALENDAR, three));
    const before = goals[0]?.map(({ arms }) => arms[1]?.comparison);
    const after = adjustOverGoals(goals)[0]?.map(({ arms }) => arms[1]?.comparison);
    for (const index of CALENDAR.keys()) {
      const [plain, adjusted] = [before?.[index], after?.[index]];
      if (!plain || !adjusted || isUnknown(plain) || isUnknown(adjusted)) throw new Error('It is unknown');
      expect(adjusted.p).toBe(plain.p);
      expect(adjusted.adjustedP).toBeCloseTo(4 * plain.p, 12);
    }
  });

  it('is finite or unknown for any counts', () => {
    const totals = fc.nat({ max: 1_000_000 }).chain((units) =>
      fc.record({
        arm: fc.constantFrom('a', 'b'),
        stratum: fc.constantFrom('x', 'y', 'z'),
        day: fc.constantFrom(...CALENDAR),
        units: fc.constant(units),
        sum: fc.nat({ max: units }),
      }),
    );
    const rows = fc.array(totals.map((row): ArmDay => ({ ...row, sumOfSquares: row.sum })));
    const settings = fc.record({
      metric: fc.constantFrom('proportion' as const, 'mean' as const),
      method: fc.constantFrom('sequential' as const, 'fixed' as const),
    });
    fc.assert(
      fc.property(rows, settings, (counted, choice) => {
        const results = compareArms(counted, [], CALENDAR, { ...RULE, ...choice });
        const guarded = guardArms(counted, [], CALENDAR[2] ?? '', {
          ...choice,
          ...RULE,
          harmfulWhen: 'higher',
          margin: 0.1,
        });
        const written = JSON.stringify([adjustOverGoals([results]), guarded], (_, value: unknown) => {
          if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`It is ${value}`);
          return value;
        });
        return written.length > 0;
      }),
    );
  });
});

describe('a guardrail', () => {
  const rule = { metric: 'proportion', arms: ['a', 'b'], alpha: 0.05, margin: 0.1 } as const;
  const verdict = (harmfulWhen: 'higher' | 'lower', control: [number, number], arm: [number, number]) => {
    const rows = [closed('a', 0, ...control), closed('b', 0, ...arm)];
    const result = guardArms(rows, [], CALENDAR[0] ?? '', { ...rule, harmfulWhen })[1]?.result;
    return result && (isUnknown(result) ? result.unknown : result.verdict);
  };

  it.each([
    ['a large rise of what is harmful', 'higher', [20_000, 1000], [20_000, 1500], 'harmed'],
    ['a rise within the margin', 'higher', [500_000, 25_000], [500_000, 25_500], 'safe'],
    ['a rise at the margin', 'higher', [20_000, 1000], [20_000, 1100], 'open'],
    ['a fall of what is harmful', 'higher', [20_000, 1500], [20_000, 1000], 'safe'],
    ['a fall of what is good', 'lower', [20_000, 1500], [20_000, 1000], 'harmed'],
    ['a rise of what is good', 'lower', [20_000, 1000], [20_000, 1500], 'safe'],
    ['harm that the control does not have', 'higher', [20_000, 0], [20_000, 60], 'harmed'],
    ['few units', 'higher', [50, 5], [50, 8], 'open'],
    ['no units', 'higher', [0, 0], [50, 8], 'no_units'],
  ] as [string, 'higher' | 'lower', [number, number], [number, number], string][])(
    'judges %s',
    (_, harmfulWhen, control, arm, expected) => {
      expect(verdict(harmfulWhen, control, arm)).toBe(expected);
    },
  );
});
