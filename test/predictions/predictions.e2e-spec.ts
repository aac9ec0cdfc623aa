import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScoreCustomersJob } from '../../src/predictions/scoring/score-customers.job.js';
import { Training } from '../../src/predictions/training/training.service.js';
import { TestApp } from '../support/test-app.js';
import { plantCustomers } from './planted-population.js';

describe('predictions', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
    await plantCustomers(service.database, 1500);
  });
  afterAll(() => service.stop());

  it('trains', async () => {
    await service.app.get(Training).train('activates', null);
    const rows = await service.database.rows(
      'select version, status, card, vocabulary from prediction_models',
    );
    console.log(JSON.stringify(rows, null, 1).slice(0, 6000));
    await service.app.get(ScoreCustomersJob).run();
    console.log(await service.database.rows('select * from prediction_states'));
    console.log(
      await service.database.rows(
        'select count(*), min(score), max(score), avg(score), count(noted_at) from customer_predictions',
      ),
    );
    console.log(await service.database.rows('select count(*) from prediction_outcomes'));
    expect(1).toBe(1);
  });
});
