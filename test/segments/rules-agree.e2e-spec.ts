import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CustomerFacts } from '../../src/segments/rules/customer-facts.js';
import { decision, type Evaluation, evaluationOf } from '../../src/segments/rules/evaluate-rule.js';
import { parseRule } from '../../src/segments/rules/parse-rule.js';
import type { Rule } from '../../src/segments/rules/rule.js';
import type { IdentifiedRule } from '../../src/segments/rules/sql/compile-rule.js';
import { TestDatabase } from '../support/database/test-database.js';
import { arbitraryCustomer, factsOf, storeCustomers } from './arbitrary-customers.js';
import { arbitraryRule } from './arbitrary-rules.js';
import { decideInSql } from './decide-in-sql.js';

/** Ordinary times, and times around changes of clocks in several zones. */
const TIMES = [
  '2026-02-01T00:00:00.000Z',
  '2026-03-08T05:00:00.001Z',
  '2026-03-29T00:59:59.999Z',
  '2026-04-05T03:30:00.000Z',
  '2026-04-23T22:30:00.000Z',
  '2026-10-25T00:30:00.000Z',
  '2026-11-01T04:30:00.000Z',
  '2026-11-01T05:30:00.000Z',
  '2027-01-01T12:34:56.789Z',
].map((time) => new Date(time));

const RULES = 24;
/** Rules mention those before them, and a segment that is only stored. */
const SEGMENTS = new Map([
  ['stored', 900],
  ...Array.from({ length: RULES }, (_, id) => [`s${id}`, id] as const),
]);
const NAMES = [...SEGMENTS.keys()];

const RUNS = { numRuns: 12, interruptAfterTimeLimit: 60_000 };

const world = fc.constantFrom(...TIMES).chain((now) =>
  fc.record({
    now: fc.constant(now),
    rules: fc.tuple(...Array.from({ length: RULES }, (_, id) => arbitraryRule(now, NAMES.slice(0, id + 1)))),
    customers: fc.uniqueArray(arbitraryCustomer(now, [900, 901]), {
      selector: ({ id }) => id,
      minLength: 12,
      maxLength: 30,
    }),
    later: fc.array(fc.integer({ min: 0, max: 50 * 86_400_000 }), { minLength: 3, maxLength: 3 }),
  }),
);

/** The rules in the form to store; the test fails for one that is refused. */
function parsed(rules: readonly Rule[]): IdentifiedRule[] {
  return rules.map((rule, id) => {
    const result = parseRule(JSON.parse(JSON.stringify(rule)), SEGMENTS);
    if ('problems' in result) throw new Error(JSON.stringify({ rule, ...result }));
    return { id, rule: result.rule };
  });
}

/** All rules for one customer, in their order. */
function evaluator(rules: readonly IdentifiedRule[]): (facts: CustomerFacts, now: Date) => Evaluation[] {
  const compiled = rules.map(({ id, rule }) => ({ id, decide: decision(rule, SEGMENTS) }));
  return (facts, now) => {
    const memberOf = new Set([...facts.memberOf].filter((id) => id >= RULES));
    return compiled.map(({ id, decide }) => {
      const evaluation = evaluationOf(decide({ ...facts, memberOf }, now.getTime()));
      if (evaluation.isTrue) memberOf.add(id);
      return evaluation;
    });
  };
}

describe('the two meanings of a rule', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  it('give one truth, and one time at which it may change', async () => {
    const seen = { pairs: 0, true: 0, timed: 0 };
    await fc.assert(
      fc.asyncProperty(world, async ({ now, rules: arbitrary, customers, later }) => {
        const rules = parsed(arbitrary);
        await storeCustomers(database, customers);
        const evaluate = evaluator(rules);
        const facts = customers.map(factsOf);
        const first = facts.map((one) => evaluate(one, now));
        const flips = first.flat().flatMap(({ flipsAt }) => flipsAt?.getTime() ?? []);
        const flip = flips[(later[0] ?? 0) % Math.max(1, flips.length)] ?? now.getTime() + 1;
        for (const at of [now, new Date(flip - 1), new Date(flip)]) {
          const expected = new Map(facts.map((one) => [one.customerId, evaluate(one, at)]));
          for (const scope of ['some', 'all'] as const) {
            const decided = await decideInSql(database, { rules, scope, segments: SEGMENTS, now: at });
            expect(decided).toEqual(expected);
          }
        }
        seen.pairs += first.flat().length;
        seen.true += first.flat().filter(({ isTrue }) => isTrue).length;
        seen.timed += flips.length;
      }),
      RUNS,
    );
    // The property would be empty if everything was false or nothing depended on time.
    expect(seen.pairs).toBeGreaterThan(500);
    expect(seen.true / seen.pairs).toBeGreaterThan(0.2);
    expect(seen.true / seen.pairs).toBeLessThan(0.8);
    expect(seen.timed).toBeGreaterThan(50);
  });

  it('change with time no earlier than they say', () => {
    fc.assert(
      fc.property(world, ({ now, rules: arbitrary, customers, later }) => {
        const rules = parsed(arbitrary);
        const evaluate = evaluator(rules);
        const truths = (evaluations: Evaluation[]) => evaluations.map(({ isTrue }) => isTrue);
        for (const facts of customers.slice(0, 5).map(factsOf)) {
          const next = (at: Date) =>
            Math.min(...evaluate(facts, at).map(({ flipsAt }) => flipsAt?.getTime() ?? Infinity));
          let [from, until] = [now, next(now)];
          for (const end of later.map((offset) => now.getTime() + offset).toSorted((a, b) => a - b)) {
            while (until <= end) {
              expect(until).toBeGreaterThan(from.getTime());
              expect(truths(evaluate(facts, new Date(until - 1)))).toEqual(truths(evaluate(facts, from)));
              from = new Date(until);
              until = next(from);
            }
            expect(truths(evaluate(facts, new Date(end)))).toEqual(truths(evaluate(facts, from)));
          }
        }
      }),
      RUNS,
    );
  });
});
