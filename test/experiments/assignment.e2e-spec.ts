import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Injectable } from '@nestjs/common';
import { CustomerCreated } from '../../src/events/customers/customer-created.event.js';
import { namespaceBucketOf } from '../../src/platform/bucketing/hash-bucket.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { anExperiment, aUserIn, aUserOf, endExperiments, startExperiment } from './an-experiment.js';

/** Fails for customers of this name, after all other listeners. */
@Injectable()
class FailingListener {
  @OnFact(CustomerCreated)
  fail({ customer }: CustomerCreated): void {
    if (customer.name === 'Fail') throw new Error('The test wants this listener to fail');
  }
}

describe('an arm', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [FailingListener] } });
  });
  afterAll(() => service.stop());
  afterEach(() => endExperiments(service));

  async function onboard(
    userId: string,
    fields: Fields = {},
  ): Promise<{ id: string; event: Fields & { id: string } }> {
    const customer = aCustomer({ metadata: { mingus_user_id: userId }, ...fields });
    const event = anEvent(customer);
    await service.deliver(event);
    return { id: customer.id, event };
  }

  async function aNewUser(id: string): Promise<string> {
    await service.createUser(aUser({ id }));
    return id;
  }

  const unitsOf = (userId: string) =>
    service.database.rows<{ phases: number; arms: number[]; customerId: string | null }>(
      'select cardinality(phase_ids) as phases, arms, customer_id as "customerId" from experiment_units where user_id = $1',
      [userId],
    );
  const armsOf = async (userId: string) =>
    Object.fromEntries(
      (await service.backend(`users/${userId}/experiments`)).body.experiments.map((one: Fields) => [
        one.experiment,
        one.arm,
      ]),
    ) as Record<string, string>;

  it('is stored with the customer, and shown by the answer, the view and the API for MINGUS', async () => {
    await startExperiment(service, anExperiment('shown'));
    const userId = await aNewUser(aUserOf('shown', 'b'));
    const customer = aCustomer({
      metadata: { mingus_user_id: userId, source: 'Ads' },
      address: { country: 'DE' },
    });

    const { body } = await service.deliver(anEvent(customer));

    expect(body.changes).toContain('Experiments joined: shown (b)');
    expect(await armsOf(userId)).toEqual({ shown: 'b' });
    const view = await service.admin(`customers/${customer.id}`);
    expect(view.body.experiments).toMatchObject([{ experiment: 'shown', arm: 'b' }]);
    const rows = await service.database.rows(
      `select source, country, user_age, c.stripe_customer_id from experiment_units join customers c on c.id = customer_id
       where experiment_units.user_id = $1`,
      [userId],
    );
    expect(rows).toEqual([
      { source: 'ads', country: 'DE', user_age: 'day', stripe_customer_id: customer.id },
    ]);
  });

  it('is not stored if the creation fails', async () => {
    await startExperiment(service, anExperiment('rolled-back'));
    const userId = await aNewUser(aUserOf('rolled-back', 'b'));
    await onboard(userId, { name: 'Fail' });
    expect(await unitsOf(userId)).toEqual([]);
  });

  it('adds no row and no line to the answer while no experiment runs', async () => {
    const userId = await aNewUser('user-alone');
    const { body } = await service.deliver(anEvent(aCustomer({ metadata: { mingus_user_id: userId } })));
    expect(body.changes.join()).not.toContain('Experiment');
    expect(await unitsOf(userId)).toEqual([]);
  });

  it('stays the same for a second customer of the user, who gets arms in newer experiments as well', async () => {
    await startExperiment(service, anExperiment('first'));
    const userId = await aNewUser(aUserOf('first', 'b'));
    const first = await onboard(userId);
    await startExperiment(service, anExperiment('second'));
    await onboard(userId);
    const [unit] = await unitsOf(userId);
    expect(unit).toMatchObject({ phases: 2 });
    expect(await armsOf(userId)).toMatchObject({ first: 'b' });
    const [stored] = await service.database.rows('select stripe_customer_id from customers where id = $1', [
      unit?.customerId,
    ]);
    expect(stored).toEqual({ stripe_customer_id: first.id });
  });

  it('is decided once when two customers of a user are created at the same time', async () => {
    await startExperiment(service, anExperiment('twice'));
    const userId = await aNewUser(aUserOf('twice', 'b'));
    await Promise.all([
      onboard(userId),
      onboard(userId),
      service.backend(`users/${userId}/experiments`, 'POST'),
      service.backend(`users/${userId}/experiments`, 'POST'),
    ]);
    expect(await unitsOf(userId)).toMatchObject([{ phases: 1, arms: [1] }]);
    const [{ customers }] = (await service.database.rows(
      'select count(*)::int as customers from customers where user_id = $1',
      [userId],
    )) as [{ customers: number }];
    expect(customers).toBe(2);
  });

  it('is read, not assigned, by a replay', async () => {
    const before = await aNewUser('user-before');
    const { event } = await onboard(before);
    await startExperiment(service, anExperiment('replayed'));
    await service.admin(`webhook-events/${event.id}/replay`, {});
    expect(await unitsOf(before)).toEqual([]);

    const userId = await aNewUser(aUserOf('replayed', 'b'));
    const { event: ofUnit } = await onboard(userId);
    await service.admin(`webhook-events/${ofUnit.id}/replay`, {});
    expect(await unitsOf(userId)).toMatchObject([{ phases: 1, arms: [1] }]);
  });

  it('is assigned to a user who is no customer yet, and kept by the customer', async () => {
    await startExperiment(
      service,
      anExperiment('early', {
        arms: [
          { key: 'a', weight: 0.5 },
          { key: 'b', weight: 0.5, treatment: { parameters: { checkout: 'short', steps: 2, isNew: true } } },
        ],
      }),
    );
    const userId = await aNewUser(aUserOf('early', 'b'));
    expect((await service.backend(`users/${userId}/experiments`)).body).toEqual({ userId, experiments: [] });

    const first = await service.backend(`users/${userId}/experiments`, 'POST');
    const again = await service.backend(`users/${userId}/experiments`, 'POST');

    expect(first).toMatchObject({ status: 200 });
    expect(first.body.experiments).toMatchObject([
      { experiment: 'early', arm: 'b', parameters: { checkout: 'short', steps: 2, isNew: true } },
    ]);
    expect(again.body).toEqual(first.body);
    expect(await unitsOf(userId)).toMatchObject([{ customerId: null }]);
    await onboard(userId);
    const [unit] = await unitsOf(userId);
    expect(unit).toMatchObject({ phases: 1, arms: [1], customerId: expect.any(String) });
    expect((await service.backend('users/user-unknown/experiments', 'POST')).body.code).toBe(
      'user_not_found',
    );
    expect((await service.backend('users/user-unknown/experiments')).body.code).toBe('user_not_found');
  });

  it('stays when the coverage grows, which adds units', async () => {
    await startExperiment(service, anExperiment('covered', { coverage: 0.2 }));
    const inside = await aNewUser(aUserIn('covered:1', 0.5, 0.6));
    const outside = await aNewUser(aUserIn('covered:1', 0.6, 1));
    const later = await aNewUser(aUserIn('covered:1', 0.6, 0.7));
    await onboard(inside);
    await onboard(outside);
    expect([await armsOf(inside), await armsOf(outside)]).toEqual([{ covered: 'b' }, {}]);

    await service.admin('experiments/covered', { coverage: 0.4 }, 'PATCH');

    await onboard(inside);
    await onboard(later);
    expect([await armsOf(inside), await armsOf(outside), await armsOf(later)]).toEqual([
      { covered: 'b' },
      {},
      { covered: 'b' },
    ]);
  });

  it('stays when new weights make a phase, whose units are bucketed by another seed', async () => {
    await startExperiment(service, anExperiment('phased'));
    const old = await aNewUser(aUserOf('phased', 'b'));
    await onboard(old);
    const { body } = await service.admin('experiments/phased/phases', {
      arms: [
        { key: 'a', weight: 0.9 },
        { key: 'b', weight: 0.1 },
      ],
    });
    expect(body.phases).toMatchObject([
      { number: 2, seed: 'phased:2', arms: [{ weight: 0.9 }, { weight: 0.1 }], endedAt: null },
      { number: 1, seed: 'phased:1', arms: [{ weight: 0.5 }, { weight: 0.5 }], endedAt: expect.any(String) },
    ]);
    const added = await aNewUser(aUserIn('phased:2', 0.9, 1));
    await onboard(added);
    await onboard(old);
    expect([await armsOf(old), await armsOf(added)]).toEqual([{ phased: 'b' }, { phased: 'b' }]);
    const phases = await service.database.rows(
      `select number from experiment_units join experiment_phases p on p.id = phase_ids[1] where user_id = any($1) order by 1`,
      [[old, added]],
    );
    expect(phases).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it('is that of one experiment of a namespace only', async () => {
    const namespace = (from: number, to: number) => ({ namespace: { name: 'signup', from, to } });
    await startExperiment(service, anExperiment('left', namespace(0, 0.5)));
    await startExperiment(service, anExperiment('right', namespace(0.5, 1)));
    const users = Array.from({ length: 12 }, (_, index) => `user-namespace-${index}`);
    for (const userId of users) await onboard(await aNewUser(userId));
    const found = await Promise.all(users.map(async (userId) => Object.keys(await armsOf(userId))));
    expect(found).toEqual(users.map((id) => [namespaceBucketOf(id, 'signup') < 0.5 ? 'left' : 'right']));
    expect(new Set(found.flat()).size).toBe(2);
  });

  it('ends with the experiment: new users get none after a stop, and none has an effect after the decision', async () => {
    await startExperiment(service, anExperiment('ending'));
    const old = await aNewUser(aUserOf('ending', 'a'));
    await onboard(old);
    await service.admin('experiments/ending/stop', {});
    const late = await aNewUser(aUserOf('ending', 'a'));
    await onboard(late);
    expect([await armsOf(old), await armsOf(late)]).toEqual([{ ending: 'a' }, {}]);
    const { body } = await service.admin('experiments/ending/decide', {
      arm: 'b',
      reason: 'More activations',
    });
    expect(body).toMatchObject({ status: 'decided', decision: { arm: 'b', reason: 'More activations' } });
    expect(await armsOf(old)).toEqual({});
  });
});
