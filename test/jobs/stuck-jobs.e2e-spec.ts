import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { TestApp } from '../support/test-app.js';

const STUCK = 100_000;

describe('a queue full of jobs that cannot run', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  it.each([
    ['of later', `now() + interval '1 day'`, '0', 'null'],
    ['given up', 'now()', '25', 'null'],
    ['locked', 'now()', '1', 'now()'],
  ])(
    `with 100,000 jobs %s lets new ones through`,
    async (_, runAt, attempts, lockedAt) => {
      await service.database.rows(
        `insert into graphile_worker._private_jobs (task_id, payload, run_at, attempts, max_attempts, locked_at, locked_by)
       select id, '[]', ${runAt}, ${attempts}, 25, ${lockedAt}, case when ${lockedAt} is null then null else 'another' end
       from graphile_worker._private_tasks, generate_series(1, ${STUCK}) where identifier = 'deliver-notification'`,
      );

      for (let i = 0; i < 10; i += 1) {
        const customer = await onboard(service);
        expect(await waitForEach(service, customer, 'each sent', isSent)).toHaveLength(3);
      }
    },
    90_000,
  );
});
