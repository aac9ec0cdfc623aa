import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LongRead } from '../../src/predictions/reading/long-read.js';
import { ACTIVATES } from '../../src/predictions/targets/activates.target.js';
import { historyDays, readTrainingRows } from '../../src/predictions/training/training-rows.js';
import { TestDatabase } from '../support/database/test-database.js';
import { plantCustomers } from './planted-population.js';

describe('the rows of a training', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await plantCustomers(database, 1000);
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const read = (limit: { rowsMax?: number } = {}) =>
    LongRead.run(dataSource, (rows) =>
      readTrainingRows(rows, ACTIVATES, { now: new Date(), days: 365, ...limit }),
    );

  it.each([
    [{ notification_attempts: 400, analytics_events: 730 }, 365],
    [{ notification_attempts: 90, analytics_events: 730 }, 60],
    [{ notification_attempts: 400, analytics_events: 200 }, 110],
    [{ notification_attempts: 7, analytics_events: 7 }, 0],
  ])('of features that look back at tables with %j begin %i days ago at the earliest', (kept, days) => {
    expect(historyDays(kept)).toBe(days);
  });

  it('cover the whole time also where there are too many', async () => {
    const all = await read();
    const some = await read({ rowsMax: 1000 });
    expect(all.customerShare).toBe(1);
    expect(some.customerShare).toBeLessThan(0.5);
    expect(some.set.rows).toBeGreaterThan(500);
    expect(some.set.rows).toBeLessThan(1500);
    const [first, last] = [all, some].map(({ set }) => set.times[0] as number) as [number, number];
    expect(last - first).toBeLessThan(5 * 86_400_000);
  });
});
