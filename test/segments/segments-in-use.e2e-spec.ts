import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SegmentMembershipsChanged } from '../../src/events/segments/segment-memberships-changed.event.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';
import { SegmentUpkeep } from '../../src/segments/upkeep/segment-upkeep.service.js';
import { anEventOf, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { makeDue } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** Facts about memberships, as a later module gets them. */
class Witness {
  readonly seen: SegmentMembershipsChanged[] = [];

  @OnFact(SegmentMembershipsChanged)
  see(fact: SegmentMembershipsChanged): void {
    this.seen.push(fact);
  }
}

const at = (hours: number) => new Date(hour(hours) * 1000).toISOString();

const plan = (name: string) => ({ type: 'metadata', key: 'plan', equals: name });

describe('segments in use', () => {
  let service: TestApp;
  const witness = new Witness();

  beforeAll(async () => {
    service = await TestApp.start({
      jobs: true,
      env: { MESSAGE_AUDIENCES: 'onboarding_guide=gold,portal_access=not_yet' },
      extra: { providers: [{ provide: Witness, useValue: witness }] },
    });
    await define('gold', plan('gold'));
    await define('buyers', { type: 'stage', in: ['active', 'at_risk', 'past_due'] });
  });
  afterAll(() => service.stop());

  async function define(name: string, rule: object): Promise<void> {
    await service.admin('segments', { name, rule });
    await makeDue(service.database, 'fill-segment');
    await waitFor(
      `${name} to serve`,
      async () => (await service.admin(`segments/${name}`)).body.versions[0].status === 'serving',
    );
  }

  async function onboard(name: string): Promise<string> {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ created: hour(0), metadata: { ...metadata, plan: name } });
    await service.deliver(anEvent(customer));
    return customer.id;
  }

  const messagesOf = async (id: string): Promise<Fields[]> =>
    (await service.admin(`customers/${id}`)).body.notifications;

  it('limit kinds of message to their members; messages for a segment that does not exist wait', async () => {
    const [gold, tin] = [await onboard('gold'), await onboard('tin')];
    const statusOf = async (id: string, kind: string) => {
      const message = (await messagesOf(id)).find((one) => one.kind === kind);
      return `${String(message?.status)} ${String(message?.reason)}`;
    };
    await waitFor('the guide', async () => (await statusOf(gold, 'onboarding_guide')).startsWith('sent'));
    await waitFor(
      'no guide',
      async () => (await statusOf(tin, 'onboarding_guide')) === 'suppressed not_in_segment',
    );
    await waitFor('to wait', async () => (await statusOf(tin, 'portal_access')) === 'queued segment_missing');
    expect(await statusOf(tin, 'welcome')).toMatch(/^(sent|queued) null$/);
  });

  it('limit lists of customers, page by page, and are in the view, the timeline and the export', async () => {
    const ids = [await onboard('gold'), await onboard('gold'), await onboard('gold')];
    await service.app.get(SegmentUpkeep).run();
    const first = (await service.admin('customers?segment=gold&limit=2')).body;
    expect(first.items.map((one: Fields) => one.stripeCustomerId)).toEqual([ids[2], ids[1]]);
    const second = (await service.admin(`customers?segment=gold&limit=2&cursor=${first.nextCursor}`)).body;
    expect(second.items[0].stripeCustomerId).toBe(ids[0]);
    expect(await service.admin('customers?segment=nope')).toMatchObject({
      status: 404,
      body: { code: 'segment_not_found' },
    });

    const [id] = ids as [string];
    const event = anEventOf('customer.subscription.created', aSubscription(id), hour(1));
    await service.deliver(event);
    expect((await service.admin(`customers/${id}`)).body.segments).toEqual(['buyers', 'gold']);
    const { items } = (await service.admin(`customers/${id}/timeline?limit=100`)).body;
    expect(items.find((item: Fields) => item.type === 'segment')).toMatchObject({
      what: 'subscription.changed',
      details: { entered: ['buyers'], left: [], stripeEventId: event.id },
    });
    const { tables } = (await service.admin(`customers/${id}/export`)).body;
    expect([tables.customer_segments, tables.segment_changes]).toMatchObject([[{}], [{}]]);
  });

  it('are in the timeline from the creation of a customer on, with names that stay when they are deleted', async () => {
    await define('fleeting', plan('short'));
    const id = await onboard('short');
    expect((await service.admin('segments/fleeting', undefined, 'DELETE')).status).toBe(204);
    const { items } = (await service.admin(`customers/${id}/timeline?limit=100`)).body;
    expect(items.filter((item: Fields) => item.type === 'segment')).toMatchObject([
      {
        what: 'customer.created',
        details: { entered: ['fleeting'], left: [], effectiveAt: expect.any(String) },
      },
    ]);
  });

  it('are facts for later modules: entering and leaving, but not the edit of a rule', async () => {
    const id = await onboard('silver');
    await service.app.get(SegmentUpkeep).run();
    witness.seen.length = 0;
    await service.deliver(anEventOf('customer.subscription.created', aSubscription(id), hour(1)));
    await service.app.get(SegmentUpkeep).run();
    expect(witness.seen).toMatchObject([
      {
        entered: ['buyers'],
        left: [],
        cause: { name: 'subscription.changed', isByDefinition: false, imported: null },
        effectiveAt: at(1),
      },
    ]);
    witness.seen.length = 0;
    await define('silver', plan('silver'));
    await service.app.get(SegmentUpkeep).run();
    expect((await service.admin('segments/silver')).body.members).toBe(1);
    expect(witness.seen).toEqual([]);
  });

  it('are one fact for each recorded change, with its own cause, however many the lists follow at once', async () => {
    const told = async (): Promise<unknown[]> => {
      witness.seen.length = 0;
      const upkeep = service.app.get(SegmentUpkeep);
      await Promise.all([upkeep.run(), upkeep.run()]);
      return witness.seen.map(({ entered, left, cause, effectiveAt }) => ({
        entered,
        left,
        cause: cause.stripeEventId,
        effectiveAt,
      }));
    };
    const id = await onboard('gold');
    const subscription = aSubscription(id);
    const begun = anEventOf('customer.subscription.created', subscription, hour(1));
    await service.deliver(begun);
    expect(await told()).toEqual([
      { entered: ['gold'], left: [], cause: expect.any(String), effectiveAt: at(0) },
      { entered: ['buyers'], left: [], cause: begun.id, effectiveAt: at(1) },
    ]);
    const ended = { ...subscription, status: 'canceled', ended_at: hour(2) };
    const end = anEventOf('customer.subscription.deleted', ended, hour(2));
    const again = anEventOf('customer.subscription.created', aSubscription(id), hour(3));
    await service.deliver(end);
    await service.deliver(again);
    await service.database.rows(
      `update webhook_events set reconciliation_id = gen_random_uuid(), notify = false where stripe_event_id = $1`,
      [again.id],
    );
    expect(await told()).toEqual([
      { entered: [], left: ['buyers'], cause: end.id, effectiveAt: at(2) },
      { entered: ['buyers'], left: [], cause: again.id, effectiveAt: at(3) },
    ]);
    expect(witness.seen.map(({ cause }) => cause.imported?.notify)).toEqual([undefined, false]);
    expect(new Set(witness.seen.map(({ changeId }) => changeId)).size).toBe(2);
    const { items } = (await service.admin('segments/buyers/members?limit=100')).body;
    expect(items.find((one: Fields) => one.stripeCustomerId === id)).toMatchObject({ since: at(3) });
    expect(await told()).toEqual([]);
  });

  it('cannot be deleted, with the list of what needs them', async () => {
    const funnel = {
      kind: 'funnel',
      within: { days: 7 },
      period: { from: at(0), to: at(24) },
      steps: [{ name: 'a' }, { name: 'b' }],
      breakdown: { segment: 'gold' },
    };
    const saved = await service.admin('analytics/questions', { name: 'gold-sign-ups', definition: funnel });
    expect([saved.status, saved.body.errors]).toEqual([201, undefined]);
    await define('golden_buyers', {
      all: [
        { type: 'segment', segment: 'gold' },
        { type: 'segment', segment: 'buyers' },
      ],
    });
    const refused = await service.admin('segments/gold', undefined, 'DELETE');
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'segment_in_use',
        errors: ['segment: golden_buyers', 'message_kind: onboarding_guide', 'question: gold-sign-ups'],
      },
    });
    expect((await service.admin('segments/gold')).body.usedBy).toHaveLength(3);
    expect((await service.admin('segments/golden_buyers', undefined, 'DELETE')).status).toBe(204);
  });

  it('are left by a person who is erased', async () => {
    const id = await onboard('gold');
    await service.admin(`customers/${id}/erase`, { confirm: id });
    await service.app.get(SegmentUpkeep).run();
    const { body } = await service.admin(`segments/gold/customers/${id}`);
    expect(body).toMatchObject({ isMember: false });
    const { items } = (await service.admin('segments/gold/members?limit=100')).body;
    expect(items.map((one: Fields) => one.stripeCustomerId)).not.toContain(id);
  });
});
