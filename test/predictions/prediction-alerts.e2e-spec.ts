import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlertedService } from '../support/alerts.js';
import { readMetric } from '../support/metrics.js';

describe('alerts about predictions', () => {
  let alerted: AlertedService;

  beforeAll(async () => {
    alerted = await AlertedService.start();
  });
  afterAll(() => alerted.stop());

  const sql = (text: string, values: unknown[] = []) => alerted.service.database.rows(text, values);
  const store = (target: string, serving: string | null) =>
    sql(
      `insert into prediction_states (target, serving_model_id, trained_at, scored_at) values ($1, $2, now(), now())`,
      [target, serving],
    );
  const age = (column: string, hours: number, target: string) =>
    sql(`update prediction_states set ${column} = now() - $1 * interval '1 hour' where target = $2`, [
      hours,
      target,
    ]);
  const drift = (psiMax: number | null, target: string) =>
    sql('update prediction_states set drift = $1 where target = $2', [{ psiMax }, target]);

  it('fire when the training or the scoring of a prediction that serves is late', async () => {
    await store('churns', '0193b0e6-0000-7000-8000-000000000000');
    await store('pays', null);
    await age('trained_at', 1000, 'pays');
    await alerted.proves(
      'predictions_behind',
      () => age('scored_at', 4, 'churns'),
      () => age('scored_at', 2, 'churns'),
    );
    await alerted.proves(
      'predictions_behind',
      () => age('trained_at', 27, 'churns'),
      () => age('trained_at', 25, 'churns'),
    );
    await alerted.proves(
      'predictions_behind',
      () =>
        sql('update prediction_states set scored_at = null, trained_at = $1', [
          new Date(Date.now() - 4 * 3_600_000),
        ]),
      () => sql('update prediction_states set scored_at = now()'),
    );
  });

  it('fire when features of a prediction that serves drift', async () => {
    await drift(0.9, 'pays');
    await drift(null, 'churns');
    await alerted.proves(
      'prediction_drift',
      () => drift(0.21, 'churns'),
      () => drift(0.1, 'churns'),
    );
    expect(await readMetric(alerted.service.url, 'prediction_drift', { target: 'churns' })).toBe(0.1);
  });
});
