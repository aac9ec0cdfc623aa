import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isScheduled, JOBS, type JobTask } from '../../src/events/job-tasks.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { TestApp } from '../support/test-app.js';

describe('the schedule', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({
      env: { STRIPE_SECRET_KEY: 'sk_test_x', RECONCILE_SCHEDULE: '1 4 * * *' },
    });
  });
  afterAll(() => service.stop());

  it('adds the jobs whose handlers declare a schedule', async () => {
    await service.app.get(JobRunner).start();

    const known = await service.database.rows<{ identifier: string }>(
      'select identifier from graphile_worker._private_known_crontabs order by identifier',
    );
    expect(known.map(({ identifier }) => identifier)).toEqual(
      (Object.keys(JOBS) as JobTask[]).filter(isScheduled).toSorted(),
    );
  });
});
