import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobSettings } from '../../src/platform/jobs/job.settings.js';
import { KeepBothTimes1796200100000 } from '../../src/platform/database/migrations/1796200100000-KeepBothTimes.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { openDataSource } from '../support/database/data-source.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const LONG_AGO = Date.UTC(2026, 0, 15, 8) / 1000;
const LATER = LONG_AGO + 86_400;

describe('an event that arrives long after it happened', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  async function aDeletedCustomer() {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: LONG_AGO });
    const created = anEvent(customer, { created: LONG_AGO + 1 });
    const deleted = anEvent({ ...customer, deleted: true }, { type: 'customer.deleted', created: LATER });
    await service.deliver(created);
    await service.deliver(deleted);
    return { customer, created, deleted };
  }

  const transitionsOf = (stripeCustomerId: string) =>
    service.database.rows<{ to_stage: string; occurred_at: Date; recorded_at: Date }>(
      `select to_stage, t.stripe_event_id, occurred_at, recorded_at, is_time_estimated
       from lifecycle_transitions t join customers c on c.id = customer_id
       where stripe_customer_id = $1 order by t.id`,
      [stripeCustomerId],
    );

  it('has the time of Stripe and the time of the service', async () => {
    const startedAt = new Date();
    const { customer, created, deleted } = await aDeletedCustomer();

    const transitions = await transitionsOf(customer.id);
    expect(transitions).toMatchObject([
      { to_stage: 'onboarding', stripe_event_id: created.id, occurred_at: new Date(LONG_AGO * 1000) },
      { to_stage: 'churned', stripe_event_id: deleted.id, occurred_at: new Date(LATER * 1000) },
    ]);
    for (const { recorded_at } of transitions) expect(recorded_at >= startedAt).toBe(true);
    const { lifecycle } = (await service.admin(`customers/${customer.id}`)).body;
    expect(lifecycle).toMatchObject({
      stageEnteredAt: new Date(LATER * 1000).toISOString(),
      milestones: { created: new Date(LONG_AGO * 1000).toISOString() },
    });
    expect(lifecycle.stageRecordedAt >= startedAt.toISOString()).toBe(true);
    expect(lifecycle.milestonesRecorded.created >= startedAt.toISOString()).toBe(true);
  });

  it('is marked if Stripe gives no time', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: undefined });

    await service.deliver(anEvent(customer, { created: undefined }));

    expect(await transitionsOf(customer.id)).toMatchObject([{ is_time_estimated: true }]);
  });

  it('is tracked with both times', async () => {
    const { created } = await aDeletedCustomer();

    const event = await waitFor('tracked', async () => {
      const [row] = await service.database.rows<{ occurred_at: Date; recorded_at: Date }>(
        'select occurred_at, recorded_at from analytics_events where stripe_event_id = $1',
        [created.id],
      );
      return row;
    });

    expect(event.occurred_at).toEqual(new Date(LONG_AGO * 1000));
    expect(event.recorded_at > event.occurred_at).toBe(true);
  });

  it('is filled in for rows of the previous release, and marked if it is not known', async () => {
    const { customer, created, deleted } = await aDeletedCustomer();
    const unknown = await aDeletedCustomer();
    await service.database.rows(`delete from webhook_events where stripe_event_id = $1`, [
      unknown.deleted.id,
    ]);
    const { dataSource } = await openDataSource(service.database);
    const runner = dataSource.createQueryRunner();
    const migration = new KeepBothTimes1796200100000();
    try {
      await migration.down(runner);
      await runner.query('update lifecycle_transitions set occurred_at = now()');
      await runner.query('update customer_lifecycles set stage_entered_at = now()');
      await migration.up(runner);
    } finally {
      await runner.release();
      await dataSource.destroy();
    }

    expect(await transitionsOf(customer.id)).toMatchObject([
      { stripe_event_id: created.id, occurred_at: new Date(LONG_AGO * 1000), is_time_estimated: false },
      { stripe_event_id: deleted.id, occurred_at: new Date(LATER * 1000), is_time_estimated: false },
    ]);
    const [, ended] = await transitionsOf(unknown.customer.id);
    expect(ended).toMatchObject({ is_time_estimated: true, occurred_at: ended?.recorded_at });
    expect((await service.admin(`customers/${customer.id}`)).body.lifecycle).toMatchObject({
      stageEnteredAt: new Date(LATER * 1000).toISOString(),
      milestones: { created: new Date(LONG_AGO * 1000).toISOString() },
    });
  });
});

describe('retention', () => {
  it('keeps changes of stage, milestones and movements of the revenue', () => {
    expect(Object.keys(new JobSettings({}).daysByTable)).not.toContain('lifecycle_transitions');
    expect(Object.keys(new JobSettings({}).daysByTable)).not.toContain('customer_lifecycles');
    expect(Object.keys(new JobSettings({}).daysByTable)).not.toContain('mrr_movements');
  });
});
