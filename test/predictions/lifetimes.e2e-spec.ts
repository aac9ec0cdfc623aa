import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/test-app.js';

const NOW = new Date('2026-11-20T12:00:00Z');

/** Of 100 customers who first paid on 2026-03-10, the numbers that left after so many days. */
const LEFT: readonly [days: number, customers: number][] = [
  [20, 12],
  // At the end of the first period, to the second.
  [31, 1],
  [45, 13],
  [80, 9],
  [110, 6],
  [140, 4],
  [170, 4],
  [200, 2],
];

describe('the lifetime of cohorts', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
    await service.database.rows('set session_replication_role = replica');
    const leavers = LEFT.flatMap(([days, customers]) => Array.from<number>({ length: customers }).fill(days));
    const lives = Array.from({ length: 100 }, (_, index) => leavers[index] ?? null);
    await store(service, '2026-03-10T00:00:00Z', lives);
    await store(service, '2026-10-05T00:00:00Z', [null, null, 3]);
    await store(service, '2025-05-01T00:00:00Z', [10]);
    await store(service, '2025-02-01T00:00:00Z', [null, 300], 'year');
    await store(service, '2025-03-01T00:00:00Z', [null, 300, 310], 'year');
    await store(service, '2025-03-01T00:00:00Z', [null, null, 40]);
    await service.database.rows('reset session_replication_role');
  });
  afterAll(() => service.stop());

  const read = async (path: string) => (await service.admin(path)).body;

  it('is a curve with its interval, to which those who stayed contribute the time observed', async () => {
    const { cohorts, definition } = await read('survival');
    expect(definition).toContain('Kaplan');
    expect(cohorts.map(({ cohort }: { cohort: string }) => cohort)).toEqual(['2026-03', '2026-10']);
    expect(cohorts[0]).toMatchObject({ customers: 100, left: 51, medianDays: 200 });
    expect(cohorts[0].curve).toHaveLength(LEFT.length);
    const [first] = cohorts[0].curve;
    expect(first).toMatchObject({ day: 20, atRisk: 100, left: 12 });
    expect(first.survival).toBeCloseTo(0.88, 12);
    // Greenwood: 0.88 · √(12 / (100 · 88)) · 1.96
    expect(first.survival - first.low).toBeCloseTo(1.959964 * 0.88 * Math.sqrt(12 / 8800), 6);
    expect(cohorts[1]).toMatchObject({ customers: 3, left: 1, medianDays: null });
  });

  it('gives the further payments to be expected, for months that all customers were observed', async () => {
    const { cohorts, discount } = await read('lifetime-value?discount=0.1');
    expect(discount).toBe(0.1);
    expect(cohorts[0]).toMatchObject({
      cohort: '2026-03',
      status: 'fitted',
      notMonthly: 0,
      months: 7,
      survivors: [100, 87, 74, 65, 59, 55, 51, 49],
    });
    // Fader and Hardie (2007) have nearly the same cohort: α = 0.668, β = 3.806.
    expect(cohorts[0].alpha).toBeCloseTo(0.67, 1);
    expect(cohorts[0].nextRetention).toBeGreaterThan(0.9);
    expect(cohorts[0].residualMonths).toBeGreaterThan(10);
    const dearer = await read('lifetime-value?cohort=2026-03&discount=0.5');
    expect(dearer.cohorts).toHaveLength(1);
    expect(dearer.cohorts[0].residualMonths).toBeLessThan(cohorts[0].residualMonths);
  });

  it('leaves out who does not pay monthly, and says how many', async () => {
    const [yearly] = (await read('lifetime-value?cohort=2025-02')).cohorts;
    expect(yearly).toMatchObject({
      customers: 0,
      notMonthly: 2,
      status: 'not_monthly',
      residualMonths: null,
    });
    const [mixed] = (await read('lifetime-value?cohort=2025-03')).cohorts;
    expect(mixed).toMatchObject({ customers: 3, notMonthly: 3, status: 'fitted' });
    expect(mixed.survivors.slice(0, 3)).toEqual([3, 3, 2]);
    expect((await read('survival?cohort=2025-03')).cohorts[0]).toMatchObject({ customers: 6, left: 3 });
  });

  it('says what is missing for a young cohort', async () => {
    const { cohorts } = await read('lifetime-value?cohort=2026-10');
    expect(cohorts[0]).toMatchObject({
      status: 'too_few_renewals',
      months: 0,
      alpha: null,
      residualMonths: null,
    });
    expect((await read('survival?cohort=2024-01')).cohorts).toEqual([]);
  });

  it.each([
    'survival?cohort=2026-13',
    'survival?cohort=march',
    'survival?discount=0.1',
    'lifetime-value?cohort=2026',
    'lifetime-value?discount=0',
    'lifetime-value?discount=2',
    'lifetime-value?discount=x',
    'lifetime-value?discount=',
  ])('refuses %s', async (path) => {
    expect((await service.admin(path)).status).toBe(400);
  });
});

/** Stores customers who first paid at a time. @param lives the days after which each one left; null for those who stayed */
async function store(
  { database }: TestApp,
  paidAt: string,
  lives: readonly (number | null)[],
  interval = 'month',
): Promise<void> {
  await database.rows(
    `with lives as (
       select gen_random_uuid() as id, days from unnest($2::int[]) as days
     ), paid as (
       insert into customer_lifecycles (customer_id, stage, stage_entered_at, milestones)
       select id, 'active', now(), jsonb_build_object('first_payment', $1::timestamptz) from lives
     ), subscribed as (
       insert into subscriptions (customer_id, stripe_subscription_id, status, items, discounts, mrr, is_price_known,
         cancel_at_period_end, is_collection_paused, stripe_event_id, state_at, state_told_by, created_at, updated_at)
       select id, 'sub', 'active', $3, '[]', '{}', true, false, false, 'evt', now(), 'api', now(), now() from lives
     )
     insert into lifecycle_transitions (id, customer_id, from_stage, to_stage, trigger, occurred_at, recorded_at)
     select gen_random_uuid(), id, 'active', 'churned', 'subscription_changed', $1::timestamptz + days * interval '1 day', now()
     from lives where days is not null`,
    [paidAt, lives, JSON.stringify([{ interval, intervalCount: 1 }])],
  );
}
