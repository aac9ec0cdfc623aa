import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeArms } from '../../src/experiments/assignment/store-arms.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { DataSource } from 'typeorm';
import { anEventOf, anInvoice } from '../support/billing-builders.js';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { anExperiment, aUserOf, startExperiment } from './an-experiment.js';

const seconds = (ago: number) => Math.floor(Date.now() / 1000) - ago;
const GOAL = { type: 'milestone', name: 'pays', milestone: 'first_payment', withinDays: 1 };

describe('the customer of a unit', () => {
  let service: TestApp;
  let later = 0;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => new Date(Date.now() + later) });
  });
  afterAll(() => service.stop());

  async function aNewUser(fields: Fields = {}): Promise<string> {
    return (await service.createUser(aUser(fields))).id;
  }

  /** @returns the id in Stripe */
  async function onboard(userId: string, fields: Fields = {}): Promise<string> {
    const customer = aCustomer({ metadata: { mingus_user_id: userId }, ...fields });
    const { status } = await service.deliver(anEvent(customer, { created: customer.created }));
    expect(status).toBe(200);
    return customer.id;
  }

  const assign = (userId: string) => service.backend(`users/${userId}/experiments`, 'POST');

  async function unitOf(userId: string) {
    const [unit] = await service.database.rows<{ customer: string | null; assignedAt: Date }>(
      `select stripe_customer_id as customer, source, country, u.assigned_at[1] as "assignedAt"
       from experiment_units u left join customers c on c.id = customer_id where u.user_id = $1`,
      [userId],
    );
    return unit;
  }

  /** Of the arm b, two days later. */
  async function conversionsOf(experiment: string): Promise<number> {
    later = 2 * 86_400_000;
    const { body } = await service.admin(`experiments/${experiment}/results?counted=now`);
    later = 0;
    return body.goals[0].arms[1].conversions;
  }

  it('is the first one that the user has, if MINGUS assigns arms to a customer', async () => {
    const userId = await aNewUser({ id: aUserOf('by-api', 'b') });
    const metadata = { mingus_user_id: userId, source: 'Ads' };
    const erased = await onboard(userId);
    const first = await onboard(userId, { metadata, address: { country: 'DE' } });
    await onboard(userId);
    await service.admin(`customers/${erased}/erase`, { confirm: erased });
    await startExperiment(service, anExperiment('by-api', { goals: [GOAL] }));

    await assign(userId);

    expect(await unitOf(userId)).toMatchObject({ customer: first, source: 'ads', country: 'DE' });
    const paid = anInvoice(first, { status_transitions: { paid_at: seconds(-60) } });
    await service.deliver(anEventOf('invoice.paid', paid, seconds(0)));
    expect(await conversionsOf('by-api')).toBe(1);
  });

  it('has a window that begins when Stripe created it: what it paid at once counts', async () => {
    await startExperiment(service, anExperiment('at-once', { goals: [GOAL] }));
    const userId = await aNewUser({ id: aUserOf('at-once', 'b') });
    const created = seconds(30);
    const id = await onboard(userId, { created });
    await service.deliver(
      anEventOf('invoice.paid', anInvoice(id, { status_transitions: { paid_at: created } }), created),
    );
    expect((await unitOf(userId))?.assignedAt).toEqual(new Date(created * 1000));
    expect(await conversionsOf('at-once')).toBe(1);
  });

  it('has a window that begins now at the latest', async () => {
    const userId = await aNewUser({ id: aUserOf('at-once', 'b') });
    await onboard(userId, { created: seconds(-3600) });
    expect((await unitOf(userId))?.assignedAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('counts no more for its user after a link to another one', async () => {
    const [former, next] = [await aNewUser(), await aNewUser()];
    await Promise.all([assign(former), assign(next)]);
    const [first, second] = [await onboard(former), await onboard(former)];

    await service.admin(`customers/${first}/link`, { userId: next });
    expect([await unitOf(former), await unitOf(next)]).toMatchObject([
      { customer: second },
      { customer: first },
    ]);
    await service.admin(`customers/${second}/unlink`, {});
    expect(await unitOf(former)).toMatchObject({ customer: null });
    await service.admin(`customers/${first}/unlink`, {});
    expect(await unitOf(next)).toMatchObject({ customer: null });
    await service.admin(`customers/${first}/link`, { userId: former });
    expect(await unitOf(former)).toMatchObject({ customer: first });
  });

  it('stays if arms are added by a request that does not know of it yet', async () => {
    const userId = await aNewUser();
    await assign(userId);
    const [stored] = await service.database.rows(
      `select customer_id as "customerId", phase_ids as "phaseIds", arms, '{}'::text[] as "assignedAt"
       from experiment_units where user_id = $1`,
      [userId],
    );
    const customer = await onboard(userId);
    const unit = new UnitOfWork();
    const added = { experiment: 'other', phaseId: 999, arm: 'a', armIndex: 0, treatment: null, isNew: true };
    const arms = [{ ...added, assignedAt: new Date().toISOString() }];
    storeArms(
      {
        user: { id: userId, createdAt: new Date().toISOString() },
        customerId: null,
        strata: { source: null, country: null },
      },
      { arms, stored: stored as never },
      unit,
    );
    await inTransaction(service.app.get(DataSource), (manager) =>
      service.app.get(UnitOfWorkWriter).write(manager, [unit]),
    );
    expect(await unitOf(userId)).toMatchObject({ customer });
  });
});
