import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftOf, scoreDriftOf } from './drift.js';
import { Explainer, explainRow } from './explain-row.js';
import { logitOf } from './rows/logits.js';
import { seededRandom } from './rows/random.js';
import { scoreBatch, scoreRow } from './score-rows.js';
import { splitByTime } from './split-by-time.js';
import { trainModel } from './train-model.js';
import type { TrainedModel } from './trained-model.js';
import type { TrainingSet } from './training-set.js';

const DAY_MS = 86_400_000;
const FEATURES = ['sessions', 'plan', 'noise', 'age'];
type Truth = (row: { sessions: number; plan: number; age: number }) => number;

/** Rows of a year whose age is missing in a fifth of them. The truth gives the logit of a row. */
function setOf(truth: Truth, { rows = 6000, seed = 1 } = {}): TrainingSet {
  const random = seededRandom(seed);
  const values = new Float64Array(rows * FEATURES.length);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const [sessions, plan, noise] = [
      Math.floor(-4 * Math.log(1 - random())),
      random() < 0.3 ? 1 : 0,
      random(),
    ];
    const age = random() < 0.2 ? Number.NaN : 60 * random();
    [sessions, plan, noise, age].forEach((value, feature) => (values[feature * rows + row] = value));
    labels[row] = random() < 1 / (1 + Math.exp(-truth({ sessions, plan, age }))) ? 1 : 0;
  }
  const times = Float64Array.from({ length: rows }, (_, row) => (row * 365 * DAY_MS) / rows);
  const customers = Uint32Array.from(labels.keys());
  return { featureNames: FEATURES, rows, values, labels, customers, times, windowDays: 14 };
}

const linear = trainModel(setOf(({ sessions, plan }) => 0.3 * sessions + plan - 2, { rows: 12_000 }));
const joint = trainModel(setOf(({ sessions, plan }) => (sessions > 3 === (plan === 1) ? 2 : -2)));
const noise = Array.from({ length: 6 }, (_, seed) => trainModel(setOf(() => -1, { rows: 3000, seed })));

const rowOf = fc
  .tuple(
    fc.nat(30),
    fc.constantFrom(0, 1),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 60 }),
  )
  .chain((row) => fc.constantFrom(row, row.with(0, Number.NaN), row.with(3, Infinity)));

describe('a model', () => {
  it('of effects that add up is a logistic regression, and beats the base rate', () => {
    expect(linear.kind).toBe('logistic');
    expect(linear.card).toMatchObject({ status: 'published', reason: null, chosen: { kind: 'logistic' } });
    expect(linear.card.brierSkill).toBeGreaterThan(0.05);
    expect(linear.card.ece).toBeLessThan(2 * (linear.card.eceByChance ?? 0));
    expect(linear.card.eceByChance).toBeLessThan(0.03);
    expect(linear.card.auc?.low).toBeGreaterThan(0.65);
    expect(linear.card.liftByDecile[0]).toBeGreaterThan(1.5);
  });

  it('of effects that do not add up is boosted trees', () => {
    expect(joint.kind).toBe('trees');
    expect(joint.card.auc?.value).toBeGreaterThan(0.85);
    const { logisticLogLoss = 0, treesLogLoss = 0, standardError = 0 } = joint.card.chosen ?? {};
    expect(logisticLogLoss - treesLogLoss).toBeGreaterThan(standardError);
  });

  it('of chance is not published, and gives the base rate', () => {
    const unpublished = noise.filter(({ card }) => card.status === 'no_better_than_base_rate');
    expect(unpublished.length).toBeGreaterThanOrEqual(5);
    for (const model of unpublished) {
      expect(model.kind).toBe('base_rate');
      expect(scoreRow(model, [3, 1, 0.5, 20])).toBe(model.baseRate);
      expect(model.baseRate).toBeCloseTo(0.27, 1);
      expect(model.card.reason).toContain('base rate');
      expect(model.card.brier).not.toBeNull();
    }
  });

  it.each([
    ['linear', linear],
    ['joint', joint],
    ['base rate', noise[0] as TrainedModel],
  ])('explains each row so that contributions sum to its logit (%s)', (_, model) => {
    const explainer = new Explainer(model);
    fc.assert(
      fc.property(rowOf, (row) => {
        const { base, contributions, logit } = explainer.explain(row);
        const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
        expect(Math.abs(sum - logit)).toBeLessThan(1e-9);
        expect(explainRow(model, row)).toEqual({ base, contributions, logit });
        expect(contributions.map(({ value }) => value)).toEqual(
          row.map((x) => (Number.isFinite(x) ? x : null)),
        );
        if (model.kind === 'base_rate') expect(logit).toBe(logitOf(model.baseRate));
      }),
    );
  });

  it.each([
    ['linear', linear],
    ['joint', joint],
  ])('keeps the order of logits, and is the same as JSON (%s)', (_, model) => {
    const stored = JSON.parse(JSON.stringify(model)) as TrainedModel;
    fc.assert(
      fc.property(fc.array(rowOf, { minLength: 2, maxLength: 20 }), (rows) => {
        const values = Float64Array.from(
          FEATURES.flatMap((_name, feature) => rows.map((row) => row[feature] as number)),
        );
        const { scores } = scoreBatch(stored, values, rows.length);
        expect([...scores]).toEqual(rows.map((row) => scoreRow(model, row)));
        const byLogit = rows
          .map((row, at) => ({ logit: explainRow(model, row).logit, score: scores[at] as number }))
          .toSorted((a, b) => a.logit - b.logit);
        for (const [at, { score }] of byLogit.entries()) {
          expect(score).toBeGreaterThanOrEqual(byLogit[at - 1]?.score ?? Number.MIN_VALUE);
          expect(score).toBeLessThan(1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('says what is missing for one', () => {
    const few = trainModel(setOf(() => -3.5, { rows: 3000 }));
    expect(few.kind).toBe('base_rate');
    expect(few.card).toMatchObject({
      status: 'not_enough_data',
      reason: 'not enough data',
      auc: null,
      brier: null,
    });
    expect(few.card.missing).toContainEqual({
      part: 'train',
      label: 'positives',
      customers: few.card.train.positives,
      needed: 200,
    });
    expect(few.baseRate).toBeCloseTo(0.03, 2);
  });

  it('needs different customers, not moments of a few', () => {
    const set = setOf(({ sessions }) => sessions - 4);
    const few = trainModel({ ...set, customers: set.customers.map((row) => row % 40) });
    expect(few.card.status).toBe('not_enough_data');
    expect(few.card.missing).toHaveLength(6);
    expect(few.card.missing[0]).toEqual({ part: 'train', label: 'positives', customers: 40, needed: 200 });
  });

  it('ignores features without values or with one value, and scores rows that have others', () => {
    const set = setOf(({ sessions, plan }) => (sessions > 3 === (plan === 1) ? 2 : -2));
    set.values.fill(Number.NaN, 2 * set.rows, 3 * set.rows).fill(7, 3 * set.rows);
    const model = trainModel(set);
    expect(model.card.status).toBe('published');
    for (const row of [
      [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
      [9, 0, 3, -1e300],
    ]) {
      expect(scoreRow(model, row)).toBeGreaterThan(0);
      const { contributions } = explainRow(model, row);
      expect(contributions.slice(2).map(({ contribution }) => contribution)).toEqual([0, 0]);
    }
    expect(driftOf(model, set.values, set.rows).every(({ psi }) => psi < 0.05)).toBe(true);
  });

  it('is refused for rows that are not in the order of their time', () => {
    const set = setOf(() => 0, { rows: 10 });
    expect(() => trainModel({ ...set, times: set.times.toReversed() })).toThrow('row 1 is not');
    expect(() => trainModel({ ...set, times: set.times.with(3, Number.NaN) })).toThrow('row 3 is not');
  });

  it('of no rows at all is one half', () => {
    const none = trainModel(setOf(() => 0, { rows: 0 }));
    expect(none.card.missing).toHaveLength(6);
    expect(none.card.test).toEqual({ from: null, to: null, rows: 0, positives: 0 });
    expect(scoreRow(none, [1, 1, 1, 1])).toBe(0.5);
    expect(driftOf(none, new Float64Array(4), 1)).toEqual([]);
  });
});

describe('drift', () => {
  it('is found in the feature that moved, and in the scores', () => {
    const calm = setOf(() => 0, { seed: 9, rows: 3000 });
    expect(Math.max(...driftOf(linear, calm.values, calm.rows).map(({ psi }) => psi))).toBeLessThan(0.05);
    expect(scoreDriftOf(linear, scoreBatch(linear, calm.values, calm.rows).scores)).toBeLessThan(0.05);
    const moved = calm.values.map((value, at) => (at < calm.rows ? value + 5 : value));
    const drifted = driftOf(linear, moved, calm.rows).filter(({ psi }) => psi > 0.2);
    expect(drifted.map(({ feature }) => feature)).toEqual(['sessions']);
    expect(scoreDriftOf(linear, scoreBatch(linear, moved, calm.rows).scores)).toBeGreaterThan(0.2);
  });
});

describe('the parts in time', () => {
  it('keep a gap of one window, and no row is in two', () => {
    const days = fc.array(fc.nat(400), { maxLength: 300 });
    fc.assert(
      fc.property(days, fc.constantFrom(14, 30), (unordered, windowDays) => {
        const times = Float64Array.from(unordered, (day) => day * DAY_MS).toSorted();
        const set = { ...setOf(() => 0, { rows: 0 }), rows: times.length, times, windowDays };
        const { train, validation, test } = splitByTime(set);
        for (const [earlier, later] of [[train, validation] as const, [validation, test] as const]) {
          expect(earlier.start).toBeLessThanOrEqual(earlier.end);
          expect(earlier.end).toBeLessThanOrEqual(later.start);
          if (earlier.end === earlier.start || later.end === later.start) continue;
          const gap = (times[later.start] as number) - (times[earlier.end - 1] as number);
          expect(gap).toBeGreaterThan(windowDays * DAY_MS);
        }
        expect(test.end).toBe(times.length);
      }),
    );
  });
});
