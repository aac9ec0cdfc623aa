import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CheckRevenueJob } from '../../src/subscriptions/revenue/check-revenue.job.js';
import {
  aHistory,
  arbitraryHistory,
  cohortsOf,
  type Movement,
  revenueOf,
  retentionOf,
  storeHistory,
} from '../support/revenue-history.js';
import { TestApp } from '../support/test-app.js';

const NOW = new Date('2026-07-10T12:00:00Z');

interface MonthRow {
  month: string;
  movements: { new: { movements: number } };
}

describe('reports about revenue', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
  });
  beforeEach(async () => {
    await service.database.rows('truncate mrr_movements, mrr_days, revenue_checks');
  });
  afterAll(() => service.stop());

  const report = async (path: string) => {
    const { status, body } = await service.admin(`revenue/${path}`);
    expect([status, body.asOf]).toEqual([200, NOW.toISOString()]);
    expect(body.definition).toMatch(/\w/);
    return body;
  };
  const store = (history: readonly Movement[]) => storeHistory(service.database, history);

  it('add movements up: new 1000, +100, +50, −40, −60, −5 are 1045', async () => {
    await store([
      ...aHistory('a', [['2026-05-02', 1000]]),
      ...aHistory('b', [
        ['2026-05-03', 100],
        ['2026-06-02', 150],
        ['2026-06-03', 110],
        ['2026-06-04', 50],
        ['2026-06-05', 45],
      ]),
    ]);

    expect((await report('mrr')).currencies).toEqual([{ currency: 'usd', mrrMinor: 1045, customers: 2 }]);
    const { months } = await report('months?from=2026-05&to=2026-07');
    expect(months).toMatchObject([
      { month: '2026-05', mrrMinor: 1100, movements: { new: { amountMinor: 1100, movements: 2 } } },
      {
        month: '2026-06',
        isOver: true,
        mrrMinor: 1045,
        movements: {
          expansion: { amountMinor: 50, movements: 1 },
          contraction: { amountMinor: -105, movements: 3 },
        },
      },
      { month: '2026-07', isOver: false, mrrMinor: 1045, customers: 2 },
    ]);
  });

  it('know the churn rate of 30 days: 100 of 1,100 are 9.1 %', async () => {
    const customers = Array.from({ length: 1100 }, (_, index) =>
      aHistory(`c${index}`, [
        [index < 1000 ? '2026-01-05' : '2026-06-20', 1000],
        ...(index < 100 ? [['2026-07-01', 0] as [string, number]] : []),
      ]),
    );
    await store(customers.flat());

    const { currencies, since, until } = await report('churn');

    expect(currencies).toMatchObject([{ activeBefore: 1000, joined: 100, churned: 100 }]);
    expect(currencies[0].rate).toBeCloseTo(0.0909, 4);
    expect([since, until]).toEqual(['2026-06-10T12:00:00.000Z', NOW.toISOString()]);
    expect((await report('churn?at=2026-06-10T00:00:00Z')).currencies).toMatchObject([{ churned: 0 }]);
  });

  it('know what is retained by month and by cohort, and leave out months that are not over', async () => {
    await store([
      ...aHistory('a', [
        ['2026-04-02', 1000],
        ['2026-05-02', 1500],
      ]),
      ...aHistory('b', [
        ['2026-04-03', 1000],
        ['2026-05-03', 600],
        ['2026-06-03', 0],
      ]),
      ...aHistory('c', [['2026-05-04', 900]]),
    ]);

    const { months } = await report('retention?from=2026-05');
    expect(months).toEqual([
      { month: '2026-05', currency: 'usd', customers: 2, openingMrrMinor: 2000, grr: 0.8, nrr: 1.05 },
      { month: '2026-06', currency: 'usd', customers: 3, openingMrrMinor: 3000, grr: 0.8, nrr: 0.8 },
      { month: '2026-07', currency: 'usd', customers: 2, openingMrrMinor: 2400, grr: null, nrr: null },
    ]);
    const { cohorts } = await report('cohorts?from=2026-04');
    expect(cohorts).toMatchObject([
      {
        cohort: '2026-04',
        customers: 2,
        openingMrrMinor: 2000,
        months: [
          { month: '2026-04', grr: 1, nrr: 1 },
          { month: '2026-05', customers: 2, mrrMinor: 2100, grr: 0.8, nrr: 1.05 },
          { month: '2026-06', customers: 1, mrrMinor: 1500, grr: 0.5, nrr: 0.75 },
          { month: '2026-07', customers: null, mrrMinor: null, grr: null, nrr: null },
        ],
      },
      { cohort: '2026-05', customers: 1, openingMrrMinor: 900 },
    ]);
  });

  it('keep customers out of a cohort who had revenue in an earlier month', async () => {
    await store(
      aHistory('a', [
        ['2025-12-31', 100],
        ['2026-01-01', 0],
        ['2026-03-01', 100],
      ]),
    );

    expect((await report('cohorts?from=2026-02')).cohorts).toEqual([]);
    expect((await report('cohorts?from=2025-12')).cohorts).toMatchObject([
      { cohort: '2025-12', customers: 1 },
    ]);
  });

  it('begin months in the zone that is asked for, and keep currencies apart', async () => {
    await store([
      ...aHistory('a', [['2026-05-31T22:30:00Z', 1000]]),
      ...aHistory('a', [['2026-05-31T22:30:00Z', 700]], 'eur'),
    ]);
    const newIn = async (query: string) =>
      ((await report(`months?${query}`)).months as { month: string; movements: { new: object } }[])
        .filter(({ movements: { new: sum } }) => (sum as { movements: number }).movements > 0)
        .map(({ month, ...rest }) => [month, (rest as unknown as { currency: string }).currency]);

    expect(await newIn('')).toEqual([
      ['2026-05', 'eur'],
      ['2026-05', 'usd'],
    ]);
    expect(await newIn('zone=Europe/Madrid&currency=usd')).toEqual([['2026-06', 'usd']]);
  });

  it('begin a month with the first of two midnights', async () => {
    await store(aHistory('a', [['2020-11-01T04:30:00Z', 1000]]));
    const { months } = await report('months?from=2020-10&to=2020-11&zone=America/Havana');
    expect(months.map((one: MonthRow) => [one.month, one.movements.new.movements])).toEqual([
      ['2020-10', 0],
      ['2020-11', 1],
    ]);
  });

  it('equal a computation without SQL on random histories', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory,
        fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kathmandu', 'America/St_Johns'),
        fc.boolean(),
        async (history, zone, isSummedUp) => {
          await service.database.rows('truncate mrr_movements, mrr_days, revenue_checks');
          await store(history);
          if (isSummedUp) await service.app.get(CheckRevenueJob).run();
          const query = `from=2026-02&to=2026-07&zone=${zone}`;

          expect((await report(`months?${query}`)).months).toEqual(revenueOf(history, zone));
          expect((await report(`retention?${query}`)).months).toEqual(retentionOf(history, zone));
          expect((await report(`cohorts?${query}`)).cohorts).toEqual(cohortsOf(history, zone));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['months?from=2026-13', 'invalid_request'],
    ['months?from=2026-1', 'invalid_request'],
    ['months?to=now', 'invalid_request'],
    ['months?from=2026-05&to=2026-04', 'period_invalid'],
    ['months?from=2020-01&to=2026-04', 'period_invalid'],
    ['months?zone=Mars/Olympus', 'invalid_request'],
    ['months?zone=%2B02:00', 'invalid_request'],
    ['months?zone=', 'invalid_request'],
    ['months?zone=CET', 'invalid_request'],
    ['months?zone=UTC&zone=UTC', 'invalid_request'],
    ['months?currency=USD', 'invalid_request'],
    ["mrr?currency=us'", 'invalid_request'],
    ['churn?at=yesterday', 'invalid_request'],
    ['retention?from=1999-01', 'invalid_request'],
    ['cohorts?from=2026-01&unknown=1', 'invalid_request'],
  ])('refuse %s', async (path, code) => {
    const { status, body } = await service.admin(`revenue/${path}`);
    expect([status, body.code]).toEqual([400, code]);
  });

  it('are empty before there is any revenue', async () => {
    expect(await report('mrr')).toMatchObject({ currencies: [], checkedAt: null, differences: null });
    for (const path of ['months', 'retention']) expect((await report(path)).months).toEqual([]);
    expect((await report('cohorts')).cohorts).toEqual([]);
    expect((await report('churn')).currencies).toEqual([]);
  });
});
