import { describe, expect, it } from 'vitest';
import { aCustomer, aThinEvent, type Fields } from '../../../../test/support/builders.js';
import { NOTHING_KNOWN } from '../../../../test/support/database/known-state.js';
import { aCustomerRow } from '../../../../test/support/database/rows.js';
import { decideOutcome, interpretEvent } from '../event-decision.js';
import type { KnownCustomer, KnownState, SeenEvent } from '../known-state.js';
import { type EventOutcome, EVENT_OUTCOMES, OPEN_OUTCOMES } from '../../stripe/event-outcome.js';
import { parseReceivedEvent, type ReceivedEvent } from '../../stripe/received-event.js';
import { CustomerDeletedHandler } from './customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './customer-updated.handler.js';
import { ThinCustomerHandler } from './thin-customer.handler.js';

const TYPES = ['v1.customer.created', 'v1.customer.updated', 'v1.customer.deleted'];
const STATE_AT = '2027-01-15T08:00:00.000Z';
const LATER = '2027-01-15T08:00:01.000Z';
const EARLIER = '2027-01-15T07:59:59.000Z';
const USER = { id: 'user-1', email: 'ada@example.com', name: 'Ada', createdAt: STATE_AT, milestones: [] };
const TWIN = 'evt_snapshot';
const CUSTOMER = aCustomer({ id: 'cus_1', metadata: { mingus_user_id: USER.id } });

const handler = new ThinCustomerHandler(new CustomerUpdatedHandler(), new CustomerDeletedHandler());
const stored: KnownCustomer = {
  id: 'our-customer-id',
  userId: USER.id,
  stored: aCustomerRow(),
  stateAt: new Date(STATE_AT),
  stateToldBy: 'customer.created',
  isDeleted: false,
  isErased: false,
  lifecycleStage: 'onboarding',
  revenue: { revision: 0, mrr: {} },
};

function received(fields: Fields = {}): ReceivedEvent {
  const body = JSON.stringify(aThinEvent('cus_1', { id: 'evt_thin', snapshot_event: TWIN, ...fields }));
  const event = parseReceivedEvent(Buffer.from(body), new Date());
  if (!event) throw new Error('Not an event');
  return event;
}

/** The decision about a thin event; with `fetched`, the one after the fetch. */
function decide(fields: Fields, state: Partial<KnownState> = {}, fetched: Partial<ReceivedEvent> = {}) {
  const known: KnownState = {
    ...NOTHING_KNOWN,
    users: new Map([[USER.id, USER]]),
    ...state,
  };
  return decideOutcome(interpretEvent({ ...received(fields), ...fetched }, handler), known);
}

const existing = new Map([['test:cus_1', stored]]);
const tombstone = new Map([['test:cus_1', { ...stored, isDeleted: true }]]);
const twin = (outcome: EventOutcome, details: Partial<SeenEvent> = {}) =>
  new Map([
    [TWIN, { outcome, refusal: null, customerId: null, firstDecidedAt: null, imported: null, ...details }],
  ]);

describe('a thin event', () => {
  it.each(TYPES)('of the type %s about an unknown customer is fetching', (type) => {
    expect(decide({ type })).toMatchObject({ outcome: 'fetching', facts: [] });
  });

  it.each([
    ['v1.customer.created', 'duplicate', []],
    ['v1.customer.updated', 'fetching', []],
    ['v1.customer.deleted', 'deleted', [{ eventName: 'customer.deleted' }]],
  ])('of the type %s about a stored customer is %s', (type, outcome, facts) => {
    expect(decide({ type }, { customers: existing })).toMatchObject({ outcome, facts });
  });

  it('that names a deleted customer is a duplicate when it reports the deletion', () => {
    expect(decide({ type: 'v1.customer.deleted' }, { customers: tombstone }).outcome).toBe('duplicate');
  });

  it.each([
    ['missing', undefined, 'missing_related_object'],
    ['null', null, 'missing_related_object'],
    ['a text', 'cus_1', 'missing_related_object'],
    ['without an id', { type: 'customer' }, 'missing_related_object'],
    ['without a type', { id: 'cus_1' }, 'missing_related_object'],
    ['another kind of object', { id: 'in_1', type: 'invoice' }, 'invalid_related_object'],
    ['a customer with the id of something else', { id: 'in_1', type: 'customer' }, 'invalid_customer_id'],
    ['a customer with a path for an id', { id: 'cus_1/sources', type: 'customer' }, 'invalid_customer_id'],
  ])('is rejected when its related object is %s', (_, related, code) => {
    expect(decide({ related_object: related })).toMatchObject({ outcome: 'rejected', refusal: { code } });
  });
});

describe('the thin twin of a snapshot event', () => {
  it.each(['created', 'updated', 'deleted', 'duplicate', 'stale'] as const)(
    'that was %s is a duplicate which points at the same customer',
    (outcome) => {
      const events = twin(outcome, { customerId: 'our-customer-id' });
      expect(decide({}, { events })).toMatchObject({ outcome: 'duplicate', customerId: 'our-customer-id' });
    },
  );

  it.each(['rejected', 'unmatched'] as const)('that was %s is so too, for the same reason', (outcome) => {
    const refusal = { code: 'a_code', message: 'a text' };
    expect(decide({}, { events: twin(outcome, { refusal }) })).toMatchObject({ outcome, refusal });
  });

  it.each(['ignored', ...OPEN_OUTCOMES])('that is %s does not wait for it', (outcome) => {
    expect(decide({}, { events: twin(outcome as EventOutcome) }).outcome).toBe('fetching');
  });

  it('is a duplicate also when the object has been fetched by then', () => {
    const events = twin('created', { customerId: 'our-customer-id' });
    expect(decide({}, { events, customers: existing }, { object: CUSTOMER }).outcome).toBe('duplicate');
  });
});

describe('a thin event whose object was fetched', () => {
  const [CREATED, UPDATED, DELETED] = TYPES as [string, string, string];
  const fetched = (object: unknown, stateAt = LATER) => ({ object, stateAt });

  it.each([CREATED, UPDATED])('sets up an unknown customer, as of the answer of Stripe: %s', (type) => {
    expect(decide({ type }, {}, fetched(CUSTOMER))).toMatchObject({
      outcome: 'created',
      facts: [{ customer: { stripeCustomerId: 'cus_1' }, user: USER, origin: { stateAt: LATER } }],
    });
  });

  it.each([
    ['newer', LATER, 'updated'],
    ['of the same second', STATE_AT, 'updated'],
    ['older', EARLIER, 'stale'],
  ])('updates a stored customer unless what is stored is newer: %s is %s', (_, stateAt, outcome) => {
    expect(decide({ type: UPDATED }, { customers: existing }, fetched(CUSTOMER, stateAt))).toMatchObject({
      outcome,
      customerId: stored.id,
    });
  });

  it.each([
    ['unmatched', { metadata: {} }, {}],
    ['pending_user', {}, { users: new Map() }],
    ['rejected', { email: null }, {}],
  ] as const)('is %s where the snapshot would be', (outcome, customer, state) => {
    expect(decide({}, state, fetched({ ...CUSTOMER, ...customer })).outcome).toBe(outcome);
  });

  it.each(TYPES)('makes a stored customer a tombstone when it is deleted in Stripe: %s', (type) => {
    const deleted = fetched({ id: 'cus_1', deleted: true });
    expect(decide({ type }, { customers: existing }, deleted)).toMatchObject({
      outcome: 'deleted',
      customerId: stored.id,
    });
  });

  it.each(TYPES)('is rejected when the customer was deleted before it was known: %s', (type) => {
    expect(decide({ type }, {}, fetched({ id: 'cus_1', deleted: true }))).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'object_deleted' },
    });
  });

  it('makes a tombstone of a customer whose deletion another event reported', () => {
    const state = { deletions: new Set(['test:cus_1']) };
    expect(decide({}, state, fetched(CUSTOMER))).toMatchObject({
      outcome: 'deleted',
      facts: [{ eventName: 'customer.created' }, { eventName: 'customer.deleted' }],
    });
  });

  it('is rejected when it reports the deletion of a customer that exists in Stripe', () => {
    expect(decide({ type: DELETED }, {}, fetched(CUSTOMER)).outcome).toBe('rejected');
  });

  it.each(TYPES)('is rejected when Stripe does not have the object: %s', (type) => {
    expect(decide({ type }, {}, fetched(null))).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'object_not_found', message: 'Customer not found in Stripe' },
    });
  });

  it('is decided once: a final decision stays', () => {
    for (const outcome of EVENT_OUTCOMES.filter((each) => !OPEN_OUTCOMES.includes(each))) {
      const events = new Map([
        ['evt_thin', { outcome, refusal: null, customerId: null, firstDecidedAt: null, imported: null }],
      ]);
      expect(decide({}, { events }, fetched(CUSTOMER)).outcome).toBe('redelivered');
    }
  });
});
