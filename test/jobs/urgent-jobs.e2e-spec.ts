import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { makeDue } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

let service: TestApp;

beforeAll(async () => {
  service = await TestApp.start({ env: { JOB_CONCURRENCY: '1' } });
});
afterAll(() => service.stop());

it('a segment is filled before the messages that wait', async () => {
  for (let count = 0; count < 3; count += 1) {
    const { metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata })));
  }
  await service.admin('segments', { name: 'all', rule: { type: 'stage', in: ['onboarding'] } });
  await makeDue(service.database, 'fill-segment');
  const sentAtServing: number[] = [];
  await service.app.get(JobRunner).start([]);
  await waitFor('the segment to serve', async () => {
    const [row] = await service.database.rows<{ serves: boolean; sent: number }>(
      `select exists (select from segment_versions where status = 'serving') as serves,
         (select count(*)::int from notification_attempts
          where attempted_at < (select served_from from segment_versions where status = 'serving')) as sent`,
    );
    if (row?.serves) sentAtServing.push(row.sent);
    return row?.serves === true;
  });
  expect(sentAtServing).toEqual([0]);
});
