import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MergeMilestonesJob } from '../../src/lifecycle/own-milestones/merge-milestones.job.js';
import { hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { ADMIN_KEY, request, SERVICE_KEY, TestApp } from '../support/test-app.js';

const at = (hours: number) => new Date(hour(hours) * 1000).toISOString();

describe('milestones that MINGUS reports', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { MILESTONES: 'first_login,activated,invited_friend' } });
  });
  afterAll(() => service.stop());

  const report = (userId: string, body: unknown, key = SERVICE_KEY) =>
    request(`${service.url}/users/${userId}/milestones`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  async function aSetUpCustomer(fields: Fields = {}) {
    const { id, metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: hour(0), ...fields });
    await service.deliver(anEvent(customer));
    return { userId: id, id: customer.id };
  }

  const milestonesOf = async (id: string) =>
    (await service.admin(`customers/${id}`)).body.lifecycle.milestones;

  const entriesOf = async (id: string) =>
    (await service.admin(`audit-entries?objectId=${id}&action=milestone.reached`)).body.items;

  it('are stored once with the earliest time, and audited', async () => {
    const { userId, id } = await aSetUpCustomer();

    const first = await report(userId, { milestone: 'invited_friend', occurredAt: at(3) });
    const again = await report(userId, { milestone: 'invited_friend', occurredAt: at(3) });
    const later = await report(userId, { milestone: 'invited_friend' });
    const earlier = await report(userId, { milestone: 'invited_friend', occurredAt: at(2) });

    expect(first).toMatchObject({
      status: 200,
      body: {
        milestone: 'invited_friend',
        customers: [{ stripeCustomerId: id, reachedAt: at(3), isNew: true }],
      },
    });
    for (const { status, body } of [again, later]) {
      expect(status).toBe(200);
      expect(body.customers).toEqual([{ stripeCustomerId: id, reachedAt: at(3), isNew: false }]);
    }
    expect(earlier.body.customers).toEqual([{ stripeCustomerId: id, reachedAt: at(2), isNew: true }]);
    expect(await milestonesOf(id)).toMatchObject({ invited_friend: at(2), first_login: null });
    expect(await entriesOf(id)).toMatchObject([
      { source: 'service_api', details: { milestone: 'invited_friend', reachedAt: at(2) } },
      { source: 'service_api', details: { milestone: 'invited_friend', reachedAt: at(3) } },
    ]);
  });

  it('are stored once when several requests report them at the same time', async () => {
    const { userId, id } = await aSetUpCustomer();

    const answers = await Promise.all(
      [5, 3, 4, 3, 5].map((hours) => report(userId, { milestone: 'first_login', occurredAt: at(hours) })),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect((await milestonesOf(id)).first_login).toBe(at(3));
  });

  it('are part of the export, and refused after an erasure', async () => {
    const { userId, id } = await aSetUpCustomer();
    await report(userId, { milestone: 'activated', occurredAt: at(1) });

    const { body } = await service.admin(`customers/${id}/export`);
    expect(body.tables.customer_lifecycles[0].milestones.activated).toBe(at(1));

    expect((await service.admin(`customers/${id}/erase`, { confirm: id })).status).toBe(200);
    const { status, body: refused } = await report(userId, { milestone: 'first_login' });
    expect([status, refused.code]).toEqual([404, 'user_not_found']);
  });

  describe('of a user without a customer', () => {
    const leads = async (query = '') => (await service.admin(`lifecycle/leads?limit=100${query}`)).body.items;
    const leadOf = async (userId: string) =>
      (await leads()).find((lead: { userId: string }) => lead.userId === userId);
    const reportedOf = (userId: string) => service.database.count('user_milestones', `user_id = '${userId}'`);

    it('are stored, listed with the lead and audited', async () => {
      const { id: userId } = await service.createUser();

      const first = await report(userId, { milestone: 'activated', occurredAt: at(3) });
      const later = await report(userId, { milestone: 'activated', occurredAt: at(4) });
      const earlier = await report(userId, { milestone: 'activated', occurredAt: at(2) });
      await report(userId, { milestone: 'first_login', occurredAt: at(1) });

      expect(first).toMatchObject({
        status: 200,
        body: { milestone: 'activated', reachedAt: at(3), isNew: true, customers: [] },
      });
      expect(later.body).toMatchObject({ reachedAt: at(3), isNew: false });
      expect(earlier.body).toMatchObject({ reachedAt: at(2), isNew: true });
      expect(await leadOf(userId)).toEqual({
        userId,
        createdAt: expect.any(String),
        milestones: [
          { milestone: 'first_login', reachedAt: at(1), recordedAt: expect.any(String) },
          { milestone: 'activated', reachedAt: at(2), recordedAt: expect.any(String) },
        ],
      });
      const entries = await entriesOf(userId);
      expect(
        entries.map(({ details, source }: { details: object; source: string }) => [details, source]),
      ).toEqual([
        [{ milestone: 'first_login', reachedAt: at(1) }, 'service_api'],
        [{ milestone: 'activated', reachedAt: at(2) }, 'service_api'],
        [{ milestone: 'activated', reachedAt: at(3) }, 'service_api'],
      ]);
    });

    it('belong to the customer that the user becomes, with both times', async () => {
      const { id: userId, metadata } = await service.createUser();
      await report(userId, { milestone: 'activated', occurredAt: at(-5) });
      const [{ recordedAt }] = (await leadOf(userId)).milestones;
      const customer = aCustomer({ metadata, created: hour(0) });

      await service.deliver(anEvent(customer));

      const { lifecycle } = (await service.admin(`customers/${customer.id}`)).body;
      expect(lifecycle.milestones).toMatchObject({ created: at(0), activated: at(-5), first_login: null });
      expect(lifecycle.milestonesRecorded).toMatchObject({ activated: recordedAt });
      expect(await leadOf(userId)).toBeUndefined();
      await report(userId, { milestone: 'activated', occurredAt: at(-6) });
      const { lifecycle: moved } = (await service.admin(`customers/${customer.id}`)).body;
      expect(moved.milestones).toMatchObject({ activated: at(-6) });
      expect(moved.milestonesRecorded).toMatchObject({ activated: recordedAt });
    });

    it('belong to the customer that is linked to the user, and stay with the user when it is unlinked', async () => {
      const { id: userId } = await service.createUser();
      await report(userId, { milestone: 'activated', occurredAt: at(2) });
      await report(userId, { milestone: 'first_login', occurredAt: at(1) });
      const { userId: other, id } = await aSetUpCustomer();
      await report(other, { milestone: 'activated', occurredAt: at(1) });

      expect((await service.admin(`customers/${id}/link`, { userId })).status).toBe(200);

      expect(await milestonesOf(id)).toMatchObject({ first_login: at(1), activated: at(1) });
      expect(await leadOf(userId)).toBeUndefined();
      expect((await leadOf(other)).milestones).toHaveLength(1);
      expect((await service.admin(`customers/${id}/unlink`, {})).status).toBe(200);
      expect((await leadOf(userId)).milestones).toHaveLength(2);
      expect(await milestonesOf(id)).toMatchObject({ first_login: at(1) });
    });

    it('reach a customer that was created at the same moment', async () => {
      const { userId, id } = await aSetUpCustomer();
      const { id: lead } = await service.createUser();
      await report(lead, { milestone: 'activated', occurredAt: at(1) });
      await service.database.rows('update user_milestones set user_id = $1 where user_id = $2', [
        userId,
        lead,
      ]);
      expect(await queuedJobs(service.database, 'merge-milestones')).toContainEqual(
        expect.objectContaining({ payload: [{ userId: lead }] }),
      );

      await service.app.get(MergeMilestonesJob).run([{ userId }]);

      expect(await milestonesOf(id)).toMatchObject({ activated: at(1) });
    });

    it('are erased with the user, also in a race with the erasure', async () => {
      const { id: userId } = await service.createUser();
      await report(userId, { milestone: 'activated' });
      expect((await service.admin(`users/${userId}/erase`, { confirm: userId })).status).toBe(200);
      expect(await reportedOf(userId)).toBe(0);

      await service.database.rows(
        `insert into user_milestones values (gen_random_uuid(), $1, 'activated', now(), now(), 'service_api')`,
        [userId],
      );
      await service.app.get(MergeMilestonesJob).run([{ userId }]);
      expect(await reportedOf(userId)).toBe(0);
    });

    it('are in the export of the customer, and erased with the last one', async () => {
      const { userId, id } = await aSetUpCustomer();
      await report(userId, { milestone: 'activated', occurredAt: at(1) });

      const { body } = await service.admin(`customers/${id}/export`);
      expect(body.tables.user_milestones).toMatchObject([{ user_id: userId, milestone: 'activated' }]);

      await service.admin(`customers/${id}/erase`, { confirm: id });
      expect(await reportedOf(userId)).toBe(0);
    });

    it('are refused of an unknown user', async () => {
      const { status, body } = await report('nobody', { milestone: 'activated' });
      expect([status, body.code]).toEqual([404, 'user_not_found']);
    });

    it.each([
      ['limit=0', 'invalid_request'],
      ['limit=101', 'invalid_request'],
      ['limit=ten', 'invalid_request'],
      ['cursor=a&cursor=b', 'invalid_request'],
      ['cursor=%00', 'invalid_request'],
      ['stage=active', 'invalid_request'],
    ])('are not listed with %s', async (query, code) => {
      const { status, body } = await service.admin(`lifecycle/leads?${query}`);
      expect([status, body.code]).toEqual([400, code]);
    });
  });

  it.each<[string, unknown, string]>([
    ['an unknown name', { milestone: 'flew_to_the_moon' }, 'milestone_unknown'],
    ['a name that the service computes', { milestone: 'first_payment' }, 'milestone_unknown'],
    ['a name in capitals', { milestone: 'FIRST_LOGIN' }, 'invalid_request'],
    ['no name', {}, 'invalid_request'],
    ['a name of Object', { milestone: '__proto__' }, 'invalid_request'],
    ['a number', { milestone: 1 }, 'invalid_request'],
    [
      'a time to come',
      { milestone: 'activated', occurredAt: '2199-01-01T00:00:00Z' },
      'occurred_at_in_the_future',
    ],
    [
      'a time without a zone',
      { milestone: 'activated', occurredAt: '2026-01-01T00:00:00' },
      'invalid_request',
    ],
    [
      'a day that does not exist',
      { milestone: 'activated', occurredAt: '2026-02-30T00:00:00Z' },
      'invalid_request',
    ],
    ['seconds since 1970', { milestone: 'activated', occurredAt: 1767225600 }, 'invalid_request'],
    ['an unknown field', { milestone: 'activated', at: at(1) }, 'invalid_request'],
  ])('are refused with %s', async (_, body, code) => {
    const { userId, id } = await aSetUpCustomer();
    const answer = await report(userId, body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(await entriesOf(id)).toEqual([]);
  });

  it('need a service key', async () => {
    const { id } = await service.createUser();
    expect((await report(id, { milestone: 'activated' }, ADMIN_KEY)).status).toBe(403);
  });
});
