import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrackCustomerCreatedJob } from '../../src/analytics/track-customer-created.job.js';
import { AnalyticsRecorded } from '../../src/events/behaviour/analytics-recorded.event.js';
import type { DomainEvent } from '../../src/events/domain-event.js';
import { MilestoneReached } from '../../src/events/lifecycle/milestone-reached.event.js';
import { NotificationSent } from '../../src/events/notification-sent.event.js';
import { PortalAccessed } from '../../src/events/portal/portal-accessed.event.js';
import { OwnMilestones } from '../../src/lifecycle/own-milestones/own-milestones.service.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { Facts } from '../../src/platform/facts/facts.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';

const RACES = 12;

describe('a person who is erased', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const erase = (path: string, id: string) => service.admin(`${path}/${id}/erase`, { confirm: id });
  const namedIn = async (userId: string) => {
    const lines = (await service.database.dump()).split('\n');
    return lines.filter((line) => line.includes(userId) && !line.includes('audit_entries'));
  };

  /** A customer, and the payload of the job that tracks its creation, as a worker holds it. */
  async function aTrackedCustomer() {
    const { id: userId, metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    const jobs = await queuedJobs(service.database, 'track-customer-created');
    const payload = jobs.flatMap((job) => job.payload).find((one) => one.userId === userId) as never;
    const [row] = await service.database.rows<{ id: string }>('select id from customers where user_id = $1', [
      userId,
    ]);
    return { userId, stripeCustomerId: customer.id as string, customerId: row?.id as string, payload };
  }

  it('is not brought back by a job that is under way, in either order of commits', async () => {
    const job = service.app.get(TrackCustomerCreatedJob);
    for (let race = 0; race < RACES; race += 1) {
      const { userId, stripeCustomerId, payload } = await aTrackedCustomer();

      const [{ status }] = await Promise.all([erase('customers', stripeCustomerId), job.run([payload])]);

      expect(status).toBe(200);
      expect(await namedIn(userId)).toEqual([]);
    }
  });

  it.each([
    [
      'analytics',
      (customerId: string, userId: string) =>
        new AnalyticsRecorded([
          {
            customerId,
            userId,
            name: 'mrr_new',
            stripeEventId: 'evt_1',
            properties: {},
            occurredAt: new Date().toISOString(),
          },
        ]),
    ],
    [
      'a message',
      (customerId: string, userId: string) =>
        new NotificationSent(
          customerId,
          customerId,
          userId,
          { kind: 'welcome', channel: 'email' },
          new Date(),
        ),
    ],
    [
      'the portal',
      (customerId: string, userId: string) => new PortalAccessed(customerId, 'cus_1', userId, 'link', true),
    ],
    [
      'a milestone',
      (customerId: string, userId: string) =>
        new MilestoneReached(customerId, 'cus_1', userId, 'activated', new Date()),
    ],
  ])(
    'is not brought back by a late fact of %s',
    async (_, make: (...ids: [string, string]) => DomainEvent) => {
      const { userId, stripeCustomerId, customerId } = await aTrackedCustomer();
      await erase('customers', stripeCustomerId);

      const facts = service.app.get(Facts);
      await inTransaction(service.app.get(DataSource), (manager) =>
        facts.record(manager, make(customerId, userId)),
      );

      expect(await service.database.count('people', `user_id = '${userId}'`)).toBe(0);
    },
  );

  it('is not brought back by a milestone that is reported at the same time', async () => {
    for (let race = 0; race < RACES; race += 1) {
      const { id: userId } = await service.createUser();

      const [erased, reported] = await Promise.all([
        erase('users', userId),
        service.app
          .get(OwnMilestones)
          .report(userId, { milestone: 'activated' })
          .catch(({ code }) => code),
      ]);

      expect(erased.status).toBe(200);
      expect(['user_not_found', expect.any(Object)]).toContainEqual(reported);
      expect(await service.database.count('people', `user_id = '${userId}'`)).toBe(0);
    }
  });
});
