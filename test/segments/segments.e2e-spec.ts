import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { CollectorClient } from '../support/collector.js';
import { plan, segmentClient } from './segment-client.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const at = (hours: number) => new Date(hour(hours) * 1000).toISOString();

/** Some seconds after the creation of a customer in this file. */
const soon = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const nested = (levels: number): object =>
  Array.from({ length: levels }).reduce<object>((rule) => ({ not: rule }), plan('a'));

describe('a segment', () => {
  let service: TestApp;
  const { onboard, define, membersOf, explain, deleteAll } = segmentClient(() => service);

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());
  afterEach(deleteAll);

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
      explanation: null,
      unexplained: 'customer_deleted',
    });
  });

  it('about time changes without an event', async () => {
    const created = Math.floor(Date.now() / 1000) - 3600;
    const customer = await onboard({ plan: 'timed' }, { created });
    await define('settled', {
      all: [plan('timed'), { type: 'in_stage_for', atLeast: { hours: 1 } }],
    });
    expect(await membersOf('settled')).toEqual([customer]);
    const lateCreated = Math.floor(Date.now() / 1000) - 3600 + 5;
    const late = await onboard({ plan: 'timed' }, { created: lateCreated });
    await waitFor('its hour to pass', async () => (await membersOf('settled')).length === 2);
    const effective = new Date((lateCreated + 3600) * 1000).toISOString();
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
      partlyCounted: [],
      since: at(4),
      cause: 'behaviour.recorded',
    });

    await service.database.rows(
      `insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
       select occurred_at + n * interval '1 millisecond', gen_random_uuid(), person_id, type, name, properties, context
       from (select * from behaviour_events where name = 'shared' limit 1) as one, generate_series(1, 10000) as n`,
    );
    const counted = await explain('sharers', customer.id);
    expect(counted).toMatchObject({
      partlyCounted: ['shared'],
      explanation: { isTrue: true, seen: { value: 10_000 } },
    });

    const other = await service.createUser();
    for (const hours of [1, 2]) await track(other.id, 'shared', hours);
    const late = aCustomer({ created: hour(5), metadata: other.metadata });
    await service.deliver(anEvent(late));
    expect(await membersOf('sharers')).toEqual([customer.id, late.id]);
    const own = `customer_id = (select id from customers where stripe_customer_id = '${late.id}')`;
    expect(await service.database.count('segment_changes', `cause = 'customer.created' and ${own}`)).toBe(1);
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
    ['2,500 levels', { rule: nested(2500) }, 'body_too_deep'],
    ['60 levels', { rule: nested(60) }, 'rule_invalid'],
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

  it.each([
    ['a time without a zone', 'at=2026-03-01T00:00:00'],
    ['30 February', 'at=2026-02-30T00:00:00Z'],
    ['30 February as a date', 'knownAt=2026-02-30'],
    ['a number', 'knownAt=1772323200'],
    ['an hour too much', 'at=2026-03-01T25:00:00Z'],
  ])('has no members as of %s', async (_, query) => {
    const refused = await service.admin(`segments/any/members?${query}`);
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(refused.body.errors[0]).toContain('must be a time with its zone');
  });

  it('is not edited by an edit that changes nothing', async () => {
    await service.admin('segments', { name: 'same', rule: plan('a'), description: 'of plan a' });
    for (const body of [{}, { rule: plan('a') }, { description: 'of plan a' }]) {
      const edited = await service.admin('segments/same', body, 'PATCH');
      expect(edited).toMatchObject({ status: 200, body: { versions: [{ version: 1 }] } });
    }
    const acts = `action like 'segment.%' and object_id = 'same'`;
    expect(await service.database.count('audit_entries', acts)).toBe(1);
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
