import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebhookEventReplayed } from '../../src/events/webhooks/webhook-event-replayed.event.js';
import { ReplayEventsJob } from '../../src/webhooks/stored-events/replay/replay-events.job.js';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';

/** Makes the replay of these events fail, as a bug or a database outage would. */
@Injectable()
class Saboteur {
  static readonly stripeEventIds = new Set<string>();

  @OnFact(WebhookEventReplayed)
  fail({ stripeEventId }: WebhookEventReplayed): void {
    if (Saboteur.stripeEventIds.has(stripeEventId)) throw new Error('sabotaged');
  }
}

describe('a replay of many events', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [Saboteur] } });
  });
  afterAll(() => service.stop());

  /** Pending events whose users exist by now. No other event has their type. */
  async function pendingEvents(count: number) {
    const type = 'customer.updated';
    const { now: receivedFrom } = (await service.database.rows<{ now: Date }>('select now()'))[0] ?? {};
    const events: ReturnType<typeof anEvent>[] = [];
    const users: ReturnType<typeof aUser>[] = [];
    for (let i = 0; i < count; i += 1) {
      const user = aUser();
      const event = anEvent(aCustomer({ metadata: { mingus_user_id: user.id } }), { type });
      await service.deliver(event);
      users.push(user);
      events.push(event);
    }
    for (const user of users) await service.createUser(user);
    return { events, filter: { outcome: 'pending_user', type, receivedFrom } };
  }

  const aUserId = async () => ({ mingus_user_id: (await service.createUser()).id });

  async function start(body: Fields) {
    const answer = await service.admin('webhook-event-replays', body);
    expect(answer.status).toBe(202);
    return answer.body as { id: string; total: number };
  }

  const get = async (id: string) => (await service.admin(`webhook-event-replays/${id}`)).body;
  const cancel = (id: string) => service.admin(`webhook-event-replays/${id}/cancel`, {});
  const runJob = (replayId: string, attempt = 1) =>
    service.app.get(ReplayEventsJob).run([{ replayId }], { jobId: '1', attempt, assertHeld: async () => {} });
  const audited = (where: string) => service.database.count('audit_entries', where);

  it('is accepted with its total and a job, and audited', async () => {
    const { events, filter } = await pendingEvents(2);

    const { result, added } = await rowsAddedBy(service.database, () => start({ filter, dryRun: true }));

    expect(result).toMatchObject({
      dryRun: true,
      status: 'running',
      total: events.length,
      done: 0,
      changed: 0,
      failed: 0,
      report: {},
      finishedAt: null,
    });
    expect(added).toEqual({ audit_entries: 1, 'job replay-events': 1 });
    expect(await audited(`object_id = '${result.id}' and action = 'webhook_event_replay.started'`)).toBe(1);
    const { body } = await service.admin('webhook-event-replays');
    expect(body.items[0]).toEqual(await get(result.id));
  });

  it('replays each event once and reports its outcome', async () => {
    const { events, filter } = await pendingEvents(3);
    const { id } = await start({ filter });

    await runJob(id);

    expect(await get(id)).toMatchObject({
      status: 'done',
      total: 3,
      done: 3,
      changed: 3,
      failed: 0,
      report: { pending_user: { created: 3 } },
      rows: expect.objectContaining({ customers: 3, notifications: 9, webhook_events: 3 }),
      jobs: { 'deliver-notification': 9, 'track-customer-created': 3 },
      suppressedNotifications: {},
      finishedAt: expect.any(String),
    });
    expect(await audited(`details ->> 'replayId' = '${id}'`)).toBe(events.length);
  });

  it('as a dry run reports the same and changes nothing', async () => {
    const { filter } = await pendingEvents(2);
    const { id } = await start({ filter, dryRun: true });

    const { added } = await rowsAddedBy(service.database, () => runJob(id));

    expect(added).toEqual({});
    expect(await get(id)).toMatchObject({
      changed: 2,
      report: { pending_user: { created: 2 } },
      rows: expect.objectContaining({ customers: 2, customer_preferences: 2, notifications: 6 }),
      jobs: { 'deliver-notification': 6, 'track-customer-created': 2 },
    });
    expect(await start({ filter })).toMatchObject({ total: 2 });
  });

  it('reports how many messages users have already had', async () => {
    const { now: receivedFrom } = (await service.database.rows<{ now: Date }>('select now()'))[0] ?? {};
    for (const _ of [1, 2]) await service.deliver(anEvent(aCustomer({ metadata: await aUserId() })));
    const { id } = await start({ filter: { outcome: 'created', receivedFrom }, dryRun: true });

    await runJob(id);

    const { rows, jobs, suppressedNotifications } = await get(id);
    expect({ rows, jobs, suppressedNotifications }).toEqual({
      rows: {},
      jobs: { 'track-customer-created': 2 },
      suppressedNotifications: { 'welcome/email': 2, 'onboarding_guide/email': 2, 'portal_access/email': 2 },
    });
  });

  it('replays the events that matched its filter when it was started, and no others', async () => {
    const { filter } = await pendingEvents(1);
    const { id } = await start({ filter });
    await pendingEvents(1);

    await runJob(id);

    expect(await get(id)).toMatchObject({ total: 1, done: 1 });
  });

  it.each<[string, Fields, number]>([
    ['outcome', { outcome: 'rejected' }, 2],
    ['error code', { errorCode: 'invalid_email' }, 1],
    ['type', { type: 'invoice.created' }, 1],
    ['two conditions', { outcome: 'rejected', type: 'invoice.created' }, 0],
    ['time', { receivedBefore: '2020-01-01T00:00:00Z' }, 0],
  ])('finds events by %s', async (_, filter, total) => {
    const { now } = (await service.database.rows<{ now: Date }>('select now()'))[0] ?? {};
    await service.deliver(anEvent(aCustomer({ email: 'none' })));
    await service.deliver(anEvent(aCustomer({ email: null })));
    await service.deliver(anEvent(aCustomer(), { type: 'invoice.created' }));

    expect(await start({ filter: { receivedFrom: now, ...filter } })).toMatchObject({ total });
  });

  it('continues where a killed worker stopped, and does nothing twice', async () => {
    const { events, filter } = await pendingEvents(4);
    const { id } = await start({ filter });
    const unlucky = events[2]?.id ?? '';
    Saboteur.stripeEventIds.add(unlucky);
    await expect(runJob(id)).rejects.toThrow('sabotaged');
    expect(await get(id)).toMatchObject({ status: 'running', done: 2, changed: 2, failed: 0 });
    Saboteur.stripeEventIds.delete(unlucky);

    await runJob(id, 2);

    expect(await get(id)).toMatchObject({
      status: 'done',
      done: 4,
      changed: 4,
      report: { pending_user: { created: 4 } },
    });
    expect(await audited(`details ->> 'replayId' = '${id}'`)).toBe(4);
  });

  it('counts an event that fails again and again, and continues with the others', async () => {
    const { events, filter } = await pendingEvents(3);
    const { id } = await start({ filter });
    Saboteur.stripeEventIds.add(events[1]?.id ?? '');

    await runJob(id, 3);

    expect(await get(id)).toMatchObject({ status: 'done', done: 3, changed: 2, failed: 1 });
  });

  it('counts events without a stored body as failed', async () => {
    const { now } = (await service.database.rows<{ now: Date }>('select now()'))[0] ?? {};
    await service.deliver(anEvent(aCustomer(), { type: 'invoice.created' }));
    const { id } = await start({ filter: { outcome: 'ignored', receivedFrom: now } });

    await runJob(id);

    expect(await get(id)).toMatchObject({ status: 'done', done: 1, failed: 1, report: {} });
  });

  it('has the effect of one when two workers run it', async () => {
    const { filter } = await pendingEvents(10);
    const { id } = await start({ filter });

    await Promise.all([runJob(id), runJob(id), runJob(id)]);
    await runJob(id);

    expect(await get(id)).toMatchObject({ status: 'done', done: 10, changed: 10, failed: 0 });
    expect(await audited(`details ->> 'replayId' = '${id}'`)).toBe(10);
  });

  it('takes a hundred events per run, and another job continues with the rest', async () => {
    const { now } = (await service.database.rows<{ now: Date }>('select now()'))[0] ?? {};
    await Promise.all(
      Array.from({ length: 102 }, () => service.deliver(anEvent(aCustomer({ metadata: {} })))),
    );
    const { id } = await start({ filter: { outcome: 'unmatched', receivedFrom: now } });
    const jobsOf = async () =>
      (await queuedJobs(service.database, 'replay-events')).filter(({ payload }) =>
        payload.some(({ replayId }) => replayId === id),
      );

    await runJob(id);

    expect(await get(id)).toMatchObject({ status: 'running', total: 102, done: 100 });
    expect(await jobsOf()).toHaveLength(2);
    await runJob(id);
    expect(await get(id)).toMatchObject({
      status: 'done',
      done: 102,
      report: { unmatched: { unmatched: 102 } },
    });
    expect(await jobsOf()).toHaveLength(2);
  });

  it('stops when it is cancelled; cancelling again changes nothing', async () => {
    const { filter } = await pendingEvents(2);
    const { id } = await start({ filter });

    const answer = await cancel(id);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'cancelled', done: 0, finishedAt: expect.any(String) });
    expect((await cancel(id)).status).toBe(200);
    const { added } = await rowsAddedBy(service.database, () => runJob(id));
    expect(added).toEqual({});
    expect(await get(id)).toEqual(answer.body);
    expect(await audited(`object_id = '${id}' and action = 'webhook_event_replay.cancelled'`)).toBe(1);
  });

  it('stops in the middle of a page when it is cancelled', async () => {
    const { events, filter } = await pendingEvents(20);
    const { id } = await start({ filter });
    const waitingForLocks = (count: number) =>
      waitFor(`${count} wait for a lock`, async () => {
        await service.database.rows('select pg_stat_clear_snapshot()');
        const where = `datname = current_database() and wait_event_type = 'Lock'`;
        return (await service.database.count('pg_stat_activity', where)) === count;
      });
    await service.database.rows('begin');
    await service.database.rows('select from webhook_events where stripe_event_id = $1 for update', [
      events[5]?.id,
    ]);

    const run = runJob(id);
    await waitingForLocks(1);
    const cancelled = cancel(id);
    await waitingForLocks(2);
    await service.database.rows('rollback');
    const { body } = await cancelled;
    await run;

    expect(body.done).toBeGreaterThanOrEqual(6);
    expect(body.done).toBeLessThan(20);
    expect(await get(id)).toEqual(body);
  });

  it('cannot be cancelled after it has ended: 409', async () => {
    const { filter } = await pendingEvents(1);
    const { id } = await start({ filter });
    await runJob(id);

    const answer = await cancel(id);

    expect([answer.status, answer.body.code]).toEqual([409, 'replay_ended']);
  });

  it('that cannot continue is given up in the end, with the reason', async () => {
    const { filter } = await pendingEvents(1);
    const { id } = await start({ filter });
    await service.database.rows(
      `update webhook_event_replays set filter = '{"receivedFrom": "-100000-01-01T00:00:00Z"}' where id = $1`,
      [id],
    );

    await expect(runJob(id, 8)).rejects.toThrow();
    await runJob(id, 9);

    expect(await get(id)).toMatchObject({ status: 'failed', done: 0 });
  });
});
