import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExperimentDefinitions } from '../../src/experiments/definitions/experiment-definitions.service.js';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { anEventOf } from '../support/billing-builders.js';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import type { RunSql } from '../support/database/invariants.js';
import { findWrongMemberships, storeSegments } from '../support/database/stored-segments.js';
import { TestApp } from '../support/test-app.js';
import { anExperiment, aUserOf, startExperiment } from './an-experiment.js';

const IN_B = (experiment: string) => ({ type: 'arm', experiment, in: ['b'] });

describe('segments and experiments', () => {
  let service: TestApp;
  let sql: RunSql;

  beforeAll(async () => {
    service = await TestApp.start();
    sql = (text, values) => service.database.rows(text, values);
    await storeSegments(sql, {
      gold: { type: 'metadata', key: 'plan', equals: 'gold' },
      german: { type: 'field', field: 'country', equals: 'de' },
      german_gold: {
        all: [
          { type: 'segment', segment: 'gold' },
          { type: 'segment', segment: 'german' },
        ],
      },
      active_people: { type: 'behaviour', event: 'login', atLeast: 1 },
      others: { not: { type: 'segment', segment: 'active_people' } },
      short: IN_B('shortened'),
      long: { not: IN_B('shortened') },
    });
    await service.app.get(SegmentDefinitions).refresh();
  });
  afterAll(() => service.stop());

  async function onboard(userId: string, fields: Fields = {}): Promise<Fields & { id: string }> {
    await service.createUser(aUser({ id: userId })).catch(() => undefined);
    const { metadata = {}, ...rest } = fields;
    const customer = aCustomer({ ...rest, metadata: { mingus_user_id: userId, ...(metadata as Fields) } });
    await service.deliver(anEvent(customer));
    return customer;
  }

  const experimentsOf = async (userId: string, method: 'GET' | 'POST' = 'GET') =>
    (await service.backend(`users/${userId}/experiments`, method)).body.experiments.map(
      ({ experiment }: Fields) => experiment,
    );
  const segmentsOf = async (customer: { id: string }) =>
    (await service.admin(`customers/${customer.id}`)).body.segments;

  it('a new customer takes part if it is a member by its own creation', async () => {
    await startExperiment(service, anExperiment('limited', { segment: 'german_gold' }));
    const member = { metadata: { plan: 'gold' }, address: { country: 'DE' } };
    await onboard('user-gold-1', member);
    await onboard('user-gold-2', { ...member, address: { country: 'AT' } });
    expect([await experimentsOf('user-gold-1'), await experimentsOf('user-gold-2')]).toEqual([
      ['limited'],
      [],
    ]);
  });

  it('the API assigns a user whose customer is a member by now, and no user without a customer', async () => {
    const customer = await onboard('user-gold-3', { metadata: { plan: 'tin' }, address: { country: 'DE' } });
    await service.createUser(aUser({ id: 'user-gold-4' }));
    expect(await experimentsOf('user-gold-3', 'POST')).toEqual([]);
    expect(await experimentsOf('user-gold-4', 'POST')).toEqual([]);
    const metadata = { ...(customer.metadata as Fields), plan: 'gold' };
    const soon = Math.floor(Date.now() / 1000) + 1;
    await service.deliver(anEventOf('customer.updated', { ...customer, metadata } as never, soon));
    expect(await experimentsOf('user-gold-3', 'POST')).toEqual(['limited']);
  });

  it.each([
    ['behaviour', 'active_people', 'active_people is about behaviour'],
    ['behaviour, through another segment', 'others', 'active_people is about behaviour'],
    ['an arm', 'short', 'short is about behaviour, arms or predictions'],
  ])('an experiment is not limited to a segment about %s', async (_, segment, because) => {
    const name = `unsuitable-${segment.replace('_', '-')}`;
    await service.admin('experiments', anExperiment(name, { segment }));
    const { status, body } = await service.admin(`experiments/${name}/start`, {});
    expect([status, body.code]).toEqual([409, 'segment_unsuitable']);
    expect(body.detail).toContain(because);
  });

  it('a segment of an experiment is neither deleted nor made unsuitable', async () => {
    expect(await service.admin('segments/german_gold', undefined, 'DELETE')).toMatchObject({
      status: 409,
      body: { code: 'segment_in_use', errors: ['experiment: limited'] },
    });
    const rule = { type: 'behaviour', event: 'login', atLeast: 1 };
    expect(await service.admin('segments/gold', { rule }, 'PATCH')).toMatchObject({
      status: 409,
      body: { code: 'segment_unsuitable' },
    });
  });

  it('an arm is a condition of segments, from the creation on and for all customers of the user', async () => {
    const early = await onboard(aUserOf('shortened', 'b'));
    expect(await segmentsOf(early)).not.toContain('short');
    await startExperiment(service, anExperiment('shortened'));
    await service.app.get(ExperimentDefinitions).refresh();
    const [b, a] = [await onboard(aUserOf('shortened', 'b')), await onboard(aUserOf('shortened', 'a'))];
    expect([(await segmentsOf(b)).includes('short'), (await segmentsOf(a)).includes('long')]).toEqual([
      true,
      true,
    ]);

    // The user of the early customer gets the arm with a second customer, another one by the API.
    const { mingus_user_id: userId } = early.metadata as { mingus_user_id: string };
    const second = await onboard(userId);
    expect([
      (await segmentsOf(early)).includes('short'),
      (await segmentsOf(second)).includes('short'),
    ]).toEqual([true, true]);
    await service.admin('experiments/shortened/stop', {});
    await service.admin('experiments/shortened/decide', { reason: 'The test has ended.' });
    const third = await onboard(userId);
    expect(await segmentsOf(third)).toContain('short');
    const { wrong_memberships, wrong_membership_histories } = await findWrongMemberships(sql);
    expect([wrong_memberships, wrong_membership_histories]).toEqual([undefined, undefined]);
  });
});
