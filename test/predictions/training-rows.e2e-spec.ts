import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingSet } from '../../src/predictions/models/training-set.js';
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

  it('are in the order of time, and say of a customer the same in whichever sample it is', async () => {
    const [{ set: all }, { set: some }] = [await read(), await read({ rowsMax: 1000 })];
    for (const { times } of [all, some]) expect(times).toEqual(times.toSorted());
    const names = all.featureNames.filter((name) => some.featureNames.includes(name));
    expect(names.length).toBeGreaterThan(10);
    const known = new Set(rowsOf(all, names));
    expect(known.size).toBeGreaterThan(1000);
    for (const row of rowsOf(some, names)) expect(known).toContain(row);
  });
});

/** Each row as text: its time, its label and the values of some features. */
function rowsOf(
  { rows, times, labels, values, featureNames }: TrainingSet,
  names: readonly string[],
): string[] {
  const columns = names.map((name) => featureNames.indexOf(name));
  return Array.from({ length: rows }, (_, row) =>
    [times[row], labels[row], ...columns.map((column) => values[column * rows + row])].join(),
  );
}
