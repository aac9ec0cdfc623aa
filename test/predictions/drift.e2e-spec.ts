import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PREDICTION_TARGETS } from '../../src/events/prediction-targets.js';
import { featuresFor } from '../../src/predictions/features/feature-list.js';
import { LongRead } from '../../src/predictions/reading/long-read.js';
import { measureDrift } from '../../src/predictions/scoring/measure-drift.js';
import type { UsableModel } from '../../src/predictions/scoring/serving-model.js';
import { concernedNow } from '../../src/predictions/targets/target-sql.js';
import { TARGETS } from '../../src/predictions/targets/targets.js';
import { TestDatabase } from '../support/database/test-database.js';
import { plantCustomers } from './planted-population.js';

const VOCABULARY = { source: ['google'], country: [], language: [], currency: [], event: ['project_opened'] };

describe('the drift', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await plantCustomers(database, 600);
    await database.rows(`update customer_lifecycles set stage = 'active' where customer_id < (
      select percentile_disc(0.5) within group (order by customer_id) from customer_lifecycles)`);
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it.each(PREDICTION_TARGETS)(
    'of %s is that of all customers it concerns, if they are few',
    async (target) => {
      const definition = TARGETS[target];
      const now = new Date();
      const concerned = await database.rows(concernedNow(definition, 'now()'));
      expect(concerned.length).toBeGreaterThan(50);
      const model = { features: featuresFor(VOCABULARY) } as UsableModel;
      const drift = await LongRead.run(dataSource, (read) =>
        measureDrift(read, { definition, model, now, notedShare: 0 }),
      );
      expect(drift).toMatchObject({ rows: concerned.length, psiMax: null });
    },
  );
});
