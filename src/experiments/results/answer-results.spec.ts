import { describe, expect, it } from 'vitest';
import type { Experiment } from '../definitions/experiment.entity.js';
import type { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import { answerResults } from './answer-results.js';

const DAY_MS = 86_400_000;
const START = new Date('2026-01-01T00:00:00Z');
const UNITS = 100;

const experiment = {
  name: 'long',
  status: 'running',
  startedAt: START,
  goals: [{ type: 'milestone', name: 'pays', milestone: 'first_payment', withinDays: 1 }],
  guardrails: [],
} as unknown as Experiment;
const arms = ['a', 'b'].map((key) => ({ key, weight: 0.5, treatment: { messages: [], parameters: {} } }));
const phases = [{ id: 1, number: 1, arms }] as unknown as ExperimentPhase[];

/** Arm b is better on the first days, and worse on all others. */
function cellsOf(day: number) {
  return [0, 1].map((armIndex) => ({
    phaseId: 1,
    armIndex,
    stratum: 1,
    day: new Date(START.getTime() + day * DAY_MS).toISOString().slice(0, 10),
    units: UNITS,
    early: UNITS,
    sum: armIndex === 0 ? 20 : day < 57 ? 23 : 14,
    sumOfSquares: 0,
  }));
}

/** The answer at the end of the n-th day. */
function answerOn(day: number) {
  const cells = Array.from({ length: day + 1 }, (_, index) => cellsOf(index)).flat();
  const asOf = new Date(START.getTime() + (day + 1) * DAY_MS - 1);
  const counts = { units: cells, goalOutcomes: [cells], guardrailOutcomes: [] };
  const { goals, everyDays } = answerResults({ experiment, phases, asOf, ...counts }, 'sequential');
  const [goal] = goals;
  if (!goal) throw new Error('There is no goal');
  const ps = goal.days.map(({ arms: [, b] }) => b?.comparison?.adjustedP ?? 1);
  return { days: goal.days.map((one) => one.day), p: ps.at(-1) ?? 1, ps, everyDays };
}

describe('the results of a long experiment', () => {
  it('keep the smallest p of all days, also of those that the curve leaves out', () => {
    const ps = Array.from({ length: 130 }, (_, day) => answerOn(day).p);
    const smallest = Math.min(...ps);
    expect(smallest).toBeLessThan(0.05);
    expect(ps).toEqual(ps.map((_, day) => Math.min(...ps.slice(0, day + 1))));
    expect(ps.at(-1)).toBe(smallest);
  });

  it('show at most 60 days, evenly and with the last one', () => {
    expect([59, 60, 119, 120].map((day) => [answerOn(day).days.length, answerOn(day).everyDays])).toEqual([
      [60, 1],
      [31, 2],
      [60, 2],
      [41, 3],
    ]);
    expect(answerOn(60).days.slice(-2)).toEqual(['2026-02-28', '2026-03-02']);
  });
});
