import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { Memberships } from '../../src/segments/memberships/memberships.service.js';
import { SegmentUpkeep } from '../../src/segments/upkeep/segment-upkeep.service.js';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { CollectorClient } from '../support/collector.js';
import { makeDue } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const at = (hours: number) => new Date(hour(hours) * 1000).toISOString();

/** Some seconds after the creation of a customer in this file. */
const soon = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** All customers of this file are in euros or dollars; each test looks at its own by `metadata.plan`. */
const plan = (name: string) => ({ type: 'metadata', key: 'plan', equals: name });

describe('a segment', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());
  afterEach(async () => {
    for (const { name } of (await service.admin('segments')).body.toReversed())
      await service.admin(`segments/${name}`, undefined, 'DELETE');
  });

  async function onboard(metadata: Fields = {}, fields: Fields = {}): Promise<string> {
    const user = await service.createUser();
    const customer = aCustomer({ created: hour(0), ...fields, metadata: { ...user.metadata, ...metadata } });
    const { body } = await service.deliver(anEvent(customer));
    expect(body).toMatchObject({ success: true });
    return customer.id;
  }

  /** Defines a segment and waits until it serves. */
  async function define(name: string, rule: object): Promise<void> {
    const { status, body } = await service.admin('segments', { name, rule });
    expect([status, body.errors]).toEqual([201, undefined]);
    await served(name, 1);
  }

  const served = async (name: string, version: number) => {
    await makeDue(service.database, 'fill-segment');
    await waitFor(`${name} to serve version ${version}`, async () => {
      const { versions } = (await service.admin(`segments/${name}`)).body;
      return versions.some((one: Fields) => one.version === version && one.status === 'serving');
    });
  };

  /** Stripe ids of the members, oldest first. */
  async function membersOf(name: string, query = ''): Promise<string[]> {
    await service.app.get(SegmentUpkeep).run();
    const { body } = await service.admin(`segments/${name}/members?limit=100&${query}`);
    return body.items.map((member: Fields) => member.stripeCustomerId).toReversed();
  }

  const explain = async (name: string, customer: string) =>
    (await service.admin(`segments/${name}/customers/${customer}`)).body;

  it('is filled with the customers that exist, and entered by new ones in the transaction of their creation', async () => {
    const old = await onboard({ plan: 'gold' });
    await onboard({ plan: 'tin' });
    await define('gold', plan('gold'));
    const added = await onboard({ plan: 'gold' });
    const [row] = await service.database.rows(
      'select member_of = first_member_of as "isFirst" from customer_segments order by customer_id desc limit 1',
    );
    expect(row).toEqual({ isFirst: true });
    expect(await membersOf('gold')).toEqual([old, added]);
    expect(await explain('gold', old)).toMatchObject({ cause: 'definition' });
    expect(await explain('gold', added)).toMatchObject({ cause: 'customer.created', since: at(0) });
  });

  it('is left and entered by what changes in Stripe, with the cause and both times', async () => {
    const customer = await onboard({ plan: 'payer' });
    await define('payers', { all: [plan('payer'), { type: 'stage', in: ['active', 'at_risk'] }] });
    expect(await membersOf('payers')).toEqual([]);
    await service.deliver(anEventOf('invoice.paid', anInvoice(customer), hour(1)));
    const subscription = aSubscription(customer);
    const event = anEventOf('customer.subscription.created', subscription, hour(1));
    await service.deliver(event);
    expect(await explain('payers', customer)).toMatchObject({
      isMember: true,
      since: at(1),
      cause: 'subscription.changed',
      stripeEventId: event.id,
      version: 1,
      explanation: { isTrue: true },
    });
    const ended = { ...subscription, status: 'canceled', ended_at: hour(5) };
    await service.deliver(anEventOf('customer.subscription.deleted', ended, hour(5)));
    expect(await explain('payers', customer)).toMatchObject({ isMember: false, since: at(5) });
    expect(await membersOf('payers')).toEqual([]);
  });

  it('follows metadata, and is left by deleted customers', async () => {
    await define('silver', plan('silver'));
    const customer = aCustomer({ metadata: (await service.createUser()).metadata, created: hour(0) });
    await service.deliver(anEvent(customer));
    const changed = { ...customer, metadata: { ...(customer.metadata as Fields), plan: 'silver' } };
    await service.deliver(anEventOf('customer.updated', changed as never, soon(1)));
    expect(await membersOf('silver')).toEqual([customer.id]);
    await service.deliver(anEventOf('customer.deleted', { ...changed, deleted: true } as never, soon(2)));
    expect(await membersOf('silver')).toEqual([]);
    expect(await explain('silver', customer.id)).toMatchObject({
      isMember: false,
      cause: 'customer.deleted',
    });
  });

  it('keeps its old members while an edited rule is filled, and knows who was a member at any time', async () => {
    const [one, other] = [await onboard({ plan: 'a' }), await onboard({ plan: 'b' })];
    await define('edited', plan('a'));
    const before = new Date().toISOString();
    await service.admin('segments/edited', { rule: plan('b') }, 'PATCH');
    await served('edited', 2);
    expect(await membersOf('edited')).toEqual([other]);
    expect(await membersOf('edited', `at=${before}`)).toEqual([one]);
    expect(await membersOf('edited', `knownAt=${before}`)).toEqual([one]);
    expect(await membersOf('edited', `at=${new Date().toISOString()}&knownAt=${before}`)).toEqual([one]);
    const { versions, members } = (await service.admin('segments/edited')).body;
    expect(members).toBe(1);
    expect(versions).toMatchObject([
      { version: 2, status: 'serving', servedUntil: null },
      { version: 1, status: 'retired' },
    ]);
  });

  it('has as of now the members that it has, also after reports of what happened before', async () => {
    const [payer, quiet] = [await onboard({ plan: 'payer' }), await service.createUser()];
    const subscription = aSubscription(payer);
    await service.deliver(anEventOf('customer.subscription.created', subscription, hour(1)));
    await define('filled_payers', { all: [plan('payer'), { type: 'stage', in: ['active'] }] });
    await define('idle', { all: [plan('idle'), { type: 'behaviour', event: 'woke', atMost: 0 }] });
    const idle = aCustomer({ created: hour(3), metadata: { ...quiet.metadata, plan: 'idle' } });
    await service.deliver(anEvent(idle));
    const now = () => `at=${new Date().toISOString()}`;
    expect([await membersOf('filled_payers', now()), await membersOf('idle', now())]).toEqual([
      [payer],
      [idle.id],
    ]);
    const known = new Date().toISOString();
    const ended = { ...subscription, status: 'canceled', ended_at: hour(2) };
    await service.deliver(anEventOf('customer.subscription.deleted', ended, hour(2)));
    const client = await CollectorClient.of(service);
    await client.send('track', { userId: quiet.id, event: 'woke', messageId: 'woke', timestamp: at(2) });
    for (const name of ['filled_payers', 'idle']) {
      expect([name, await membersOf(name), await membersOf(name, now())]).toEqual([name, [], []]);
      expect(await membersOf(name, `at=${known}`)).toEqual([]);
      expect(await membersOf(name, `${now()}&knownAt=${known}`)).toHaveLength(1);
    }
  });

  it('that mentions another one follows its edits', async () => {
    const [one, other] = [await onboard({ plan: 'x' }), await onboard({ plan: 'y' })];
    await define('inner', plan('x'));
    await define('outer', { all: [{ type: 'segment', segment: 'inner' }] });
    expect(await membersOf('outer')).toEqual([one]);
    await service.admin('segments/inner', { rule: plan('y') }, 'PATCH');
    await served('inner', 2);
    await waitFor('the outer one to follow', async () => (await membersOf('outer')).join() === other);
    const third = await onboard({ plan: 'y' });
    expect(await membersOf('outer')).toEqual([other, third]);
    expect(await service.admin('segments/inner', undefined, 'DELETE')).toMatchObject({
      status: 409,
      body: { code: 'segment_in_use', errors: ['outer'] },
    });
    const cycle = await service.admin(
      'segments/inner',
      { rule: { all: [{ type: 'segment', segment: 'outer' }] } },
      'PATCH',
    );
    expect(cycle).toMatchObject({ status: 400, body: { code: 'rule_invalid' } });
    expect(cycle.body.errors[0]).toContain('cycle');
  });

  it('that mentions another one follows its edit when the swap was interrupted and events came since', async () => {
    const moved = await onboard({ plan: 'from' });
    const stayed = await onboard({ plan: 'to' });
    await define('source', plan('from'));
    await define('follower', { all: [{ type: 'segment', segment: 'source' }] });
    await define('followed', { not: { not: { type: 'segment', segment: 'follower' } } });
    await define('billed', { all: [plan('from'), { type: 'stage', in: ['active'] }] });
    expect(await membersOf('followed')).toEqual([moved]);
    const memberships = service.app.get(Memberships);
    const evaluate = memberships.evaluate.bind(memberships);
    const crash = vi.spyOn(memberships, 'evaluate').mockImplementation((customer, change, unit) => {
      if (change.name.startsWith('segment ')) throw new Error('The process was killed');
      evaluate(customer, change, unit);
    });
    await service.admin('segments/source', { rule: plan('to') }, 'PATCH');
    await served('source', 2);
    await waitFor('the run to end', () => crash.mock.results.some(({ type }) => type === 'throw'));
    await service.deliver(anEventOf('customer.subscription.created', aSubscription(moved), hour(1)));
    expect(await membersOf('billed')).toEqual([moved]);
    crash.mockRestore();
    await waitFor('the followers to follow', async () => {
      await makeDue(service.database, 'fill-segment');
      return (await membersOf('followed')).join() === stayed;
    });
    expect(await membersOf('follower')).toEqual([stayed]);
    expect(await service.database.count('segment_candidates')).toBe(0);
  });

  it('about time changes without an event', async () => {
    const created = Math.floor(Date.now() / 1000) - 3600;
    const customer = await onboard({ plan: 'timed' }, { created });
    await define('settled', {
      all: [plan('timed'), { type: 'in_stage_for', atLeast: { hours: 1 } }],
    });
    expect(await membersOf('settled')).toEqual([customer]);
    const late = await onboard({ plan: 'timed' }, { created: created + 2 });
    expect(await membersOf('settled')).toEqual([customer]);
    await waitFor('its hour to pass', async () => (await membersOf('settled')).length === 2);
    const effective = new Date((created + 2 + 3600) * 1000).toISOString();
    expect(await explain('settled', late)).toMatchObject({ isMember: true, cause: 'time', since: effective });
  });

  it('about behaviour is entered when MINGUS reports it, also what was reported before the creation', async () => {
    const user = await service.createUser();
    const client = await CollectorClient.of(service);
    const track = (userId: string, event: string, hours: number) =>
      client.send('track', { userId, event, messageId: `${userId}-${hours}`, timestamp: at(hours) });
    await define('sharers', { type: 'behaviour', event: 'shared', atLeast: 2 });
    expect((await track(user.id, 'shared', 1)).status).toBe(200);
    const customer = aCustomer({ created: hour(2), metadata: user.metadata });
    await service.deliver(anEvent(customer));
    expect(await membersOf('sharers')).toEqual([]);
    await track(user.id, 'opened', 3);
    await track(user.id, 'shared', 4);
    expect(await membersOf('sharers')).toEqual([customer.id]);
    expect(await explain('sharers', customer.id)).toMatchObject({
      isMember: true,
      since: at(4),
      cause: 'behaviour.recorded',
    });

    const other = await service.createUser();
    for (const hours of [1, 2]) await track(other.id, 'shared', hours);
    const late = aCustomer({ created: hour(5), metadata: other.metadata });
    await service.deliver(anEvent(late));
    expect(await membersOf('sharers')).toEqual([customer.id, late.id]);
    const own = `customer_id = (select id from customers where stripe_customer_id = '${late.id}')`;
    expect(await service.database.count('segment_changes', `cause = 'customer.created' and ${own}`)).toBe(1);
  });

  it('that is broken keeps its members and does not hold up others', async () => {
    const created = Math.floor(Date.now() / 1000) - 3600;
    const member = await onboard({ plan: 'sound' }, { created });
    await define('sound', { all: [plan('sound'), { type: 'in_stage_for', atLeast: { hours: 1 } }] });
    await define('broken', plan('sound'));
    await service.database.rows(
      `update segment_versions set rule = '{"type": "gone"}' where segment_id = (select id from segments where name = 'broken')`,
    );
    await service.database.rows('update segment_revisions set revision = revision + 1');
    await service.app.get(SegmentDefinitions).refresh();
    const late = await onboard({ plan: 'sound' }, { created: created + 2 });
    await waitFor('its hour to pass', async () => (await membersOf('sound')).length === 2);
    expect(await membersOf('sound')).toEqual([member, late]);
    expect(await membersOf('broken')).toEqual([member]);
    expect((await service.admin('segments/broken')).body.brokenBecause).toMatchObject([{ path: 'type' }]);
    expect(await service.database.count('customer_segments', 'next_evaluation_at <= now()')).toBe(0);
  });

  it('can be tried before it is defined', async () => {
    const customer = await onboard({ plan: 'tried' });
    const { body } = await service.admin('segments/preview', { rule: plan('tried') });
    expect(body).toMatchObject({ count: 1, sample: [{ stripeCustomerId: customer }] });
    expect(body.customers).toBeGreaterThan(1);
  });

  it('decides about changes at the same time by all that is committed', async () => {
    const customers = [];
    for (let count = 0; count < 8; count += 1) customers.push(await onboard({ plan: 'busy' }));
    await define('busy', {
      all: [
        plan('busy'),
        { type: 'stage', in: ['active'] },
        { type: 'milestone', milestone: 'first_payment', reached: true },
      ],
    });
    await Promise.all(
      customers.flatMap((customer) => [
        service.deliver(anEventOf('invoice.paid', anInvoice(customer), hour(1))),
        service.deliver(anEventOf('customer.subscription.created', aSubscription(customer), hour(1))),
      ]),
    );
    expect(await membersOf('busy')).toEqual(customers);
  });

  it.each([
    ['no rule', {}, 'invalid_request'],
    ['a text as rule', { rule: 'all' }, 'invalid_request'],
    ['an unknown condition', { rule: { type: 'nope' } }, 'rule_invalid'],
    ['an unknown field', { rule: { ...plan('a'), extra: 1 } }, 'rule_invalid'],
    ['10,000 conditions', { rule: { any: Array.from({ length: 10_000 }, () => plan('a')) } }, 'rule_invalid'],
    ['a window of zero', { rule: { type: 'in_stage_for', atLeast: { days: 0 } } }, 'rule_invalid'],
    ['a century', { rule: { type: 'in_stage_for', atLeast: { days: 36_525 } } }, 'rule_invalid'],
    ['a count below zero', { rule: { type: 'behaviour', event: 'x', atLeast: -1 } }, 'rule_invalid'],
    ['an unknown segment', { rule: { type: 'segment', segment: 'nope' } }, 'rule_invalid'],
    [
      'an unknown zone',
      { rule: { type: 'behaviour', event: 'x', atLeast: 1, during: { period: 'today', zone: 'Mars/One' } } },
      'rule_invalid',
    ],
    ['an unknown property', { rule: plan('a'), more: 1 }, 'invalid_request'],
    ['a name with blanks', { rule: plan('a'), name: 'my segment' }, 'invalid_request'],
  ])('is refused with %s', async (_, body, code) => {
    const refused = await service.admin('segments', { name: 'odd', ...body });
    expect(refused).toMatchObject({ status: 400, body: { code } });
    expect((await service.admin('segments')).body).toEqual([]);
  });

  it('is refused when all segments together would cost the intake too much', async () => {
    const did = (event: number) => ({ type: 'behaviour', event: `event_${event}`, atLeast: 1 });
    const some = { any: Array.from({ length: 150 }, (_, index) => did(index)) };
    expect((await service.admin('segments', { name: 'first', rule: some })).status).toBe(201);
    const refused = await service.admin('segments', { name: 'second', rule: some });
    expect(refused).toMatchObject({ status: 409, body: { code: 'too_many_conditions' } });
    expect((await service.admin('segments')).body).toHaveLength(1);
  });

  it('has a name of its own', async () => {
    await define('twice', plan('a'));
    expect(await service.admin('segments', { name: 'twice', rule: plan('a') })).toMatchObject({
      status: 409,
      body: { code: 'segment_exists' },
    });
    expect(await service.admin('segments/nope')).toMatchObject({
      status: 404,
      body: { code: 'segment_not_found' },
    });
    expect(await service.admin('segments/twice/customers/cus_nope')).toMatchObject({
      status: 404,
      body: { code: 'customer_not_found' },
    });
  });
});
