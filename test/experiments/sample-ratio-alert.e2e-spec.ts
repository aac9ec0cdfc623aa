import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckSampleRatiosJob } from '../../src/experiments/results/check-sample-ratios.job.js';
import { AlertedService } from '../support/alerts.js';
import { storeExperiment } from '../support/experiments/stored-experiment.js';

describe('an experiment that loses units of an arm', () => {
  let alerted: AlertedService;

  beforeAll(async () => {
    alerted = await AlertedService.start();
  });
  afterAll(() => alerted.stop());

  const check = () => alerted.service.app.get(CheckSampleRatiosJob).run();
  const rows = (sql: string, values?: unknown[]) => alerted.service.database.rows(sql, values);

  it('raises an alert until a new phase begins; others, and those that have ended, raise none', async () => {
    const stored = { startedAt: new Date(), weights: { a: 0.5, b: 0.5 }, goals: [], guardrails: [] };
    const phaseOf = async (name: string, status: 'running' | 'stopped') => {
      const [phase] = await storeExperiment(alerted.service.database, { ...stored, name, status, phases: 1 });
      return phase;
    };
    const [lossy, even, stopped] = [
      await phaseOf('lossy', 'running'),
      await phaseOf('even', 'running'),
      await phaseOf('stopped', 'stopped'),
    ];
    await rows(UNITS, [
      [lossy, even, stopped],
      [0, 1, 0],
    ]);
    await alerted.proves(
      'sample_ratio_mismatch',
      async () => {
        await check();
        expect(await rows('select id, mismatches from sample_ratio_checks')).toEqual([
          { id: 1, mismatches: 1 },
        ]);
      },
      async () => {
        await rows('update experiment_phases set ended_at = now() where id = $1', [lossy]);
        await check();
      },
    );
  });
});

/** 400 users in each of the phases (`$1`): all of them in arm 0, or (`$2` is 1) half of them in arm 1. */
const UNITS = `
  insert into experiment_units (user_id, phase_ids, arms, assigned_at, user_age)
  select 'user-' || n, $1::integer[], array(select n % 2 * spread from unnest($2::integer[]) as spread),
    array_fill(now() - interval '1 hour', array[3]), 'day'
  from generate_series(1, 400) as n`;
