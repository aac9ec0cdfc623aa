import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import type { ScoringRun } from '../../src/predictions/scoring/scoring-run.js';
import { ScoreWriter } from '../../src/predictions/scoring/score-writer.service.js';
import { ACTIVATES } from '../../src/predictions/targets/activates.target.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';
import { plantCustomers } from './planted-population.js';

describe('an erasure while customers are scored', () => {
  let service: TestApp;
  let erasing: pg.Client;

  beforeAll(async () => {
    service = await TestApp.start();
    await plantCustomers(service.database, 4);
    erasing = new pg.Client({ connectionString: service.database.url });
    await erasing.connect();
  });
  afterAll(async () => {
    await erasing.end();
    await service.stop();
  });

  const write = (ids: readonly string[]) => {
    const model = { id: uuidv7(), version: 1 } as ScoringRun['model'];
    const run = { definition: ACTIVATES, model, now: new Date(), notedShare: 1 };
    const page = { customerIds: ids, scores: ids.map(() => 0.5), unconcerned: [] };
    return service.app.get(ScoreWriter).write(run, page);
  };

  it.each([
    ['without a score', false],
    ['with a score', true],
  ])('leaves nothing of a customer %s', async (_, hasScore) => {
    const rows = await service.database.rows<{ id: string }>(
      'select id from customers where erased_at is null order by id',
    );
    const [erased, other] = rows.map(({ id }) => id) as [string, string];
    await service.database.rows('truncate customer_predictions, prediction_outcomes');
    if (hasScore) await write([erased]);
    await erasing.query('begin');
    await erasing.query('select from customers where id = $1 for update', [erased]);
    await erasing.query('update customers set erased_at = now(), deleted_at = now() where id = $1', [erased]);
    await erasing.query('delete from customer_predictions where customer_id = $1', [erased]);
    await erasing.query('delete from prediction_outcomes where customer_id = $1', [erased]);
    const writing = write([erased, other]);
    await waitFor('the scoring to wait', async () => {
      const waiting = await service.database.count(
        'pg_stat_activity',
        `datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting > 0;
    });
    await erasing.query('commit');
    await writing;
    for (const table of ['customer_predictions', 'prediction_outcomes']) {
      expect(await service.database.count(table, `customer_id = '${erased}'`)).toBe(0);
      expect(await service.database.count(table, `customer_id = '${other}'`)).toBe(1);
    }
  });
});
