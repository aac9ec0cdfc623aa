import { describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../../../test/support/builders.js';
import { NOTHING_KNOWN } from '../../../test/support/database/known-state.js';
import { aCustomerRow } from '../../../test/support/database/rows.js';
import { parseReceivedEvent } from '../stripe/received-event.js';
import { CustomerCreatedHandler } from './handlers/customer-created.handler.js';
import { CustomerDeletedHandler } from './handlers/customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './handlers/customer-updated.handler.js';
import type { StripeEventHandler } from './stripe-event-handler.js';
import { decideOutcome, type InterpretedEvent, interpretEvent } from './event-decision.js';
import type { KnownCustomer, KnownState, SeenEvent } from './known-state.js';
import { type EventOutcome, EVENT_OUTCOMES, OPEN_OUTCOMES } from '../stripe/event-outcome.js';

const HANDLERS: Record<string, StripeEventHandler> = {
  'customer.created': new CustomerCreatedHandler(),
  'customer.updated': new CustomerUpdatedHandler(),
  'customer.deleted': new CustomerDeletedHandler(),
};
const USER = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  createdAt: '2027-01-15T08:00:00.000Z',
  milestones: [],
};

function interpreted(customer: object = {}, fields: object = {}): InterpretedEvent {
  const object = aCustomer({ id: 'cus_1', metadata: { mingus_user_id: USER.id }, ...customer });
  const body = JSON.stringify(anEvent(object, { id: 'evt_1', ...fields }));
  const received = parseReceivedEvent(Buffer.from(body), new Date());
  if (!received) throw new Error('Not an event');
  return interpretEvent(
    received,
    (Object.hasOwn(HANDLERS, received.type) && HANDLERS[received.type]) || null,
  );
}

/** The known state with the user and nothing else. */
function known(state: Partial<KnownState> = {}): KnownState {
  return { ...NOTHING_KNOWN, users: new Map([[USER.id, USER]]), ...state };
}

const seen = (outcome: EventOutcome): Map<string, SeenEvent> =>
  new Map([['evt_1', { outcome, refusal: null, customerId: null, firstDecidedAt: null, imported: null }]]);
const STATE_AT = new Date('2027-01-15T08:00:00.000Z');
const stored: KnownCustomer = {
  id: 'our-customer-id',
  userId: USER.id,
  stored: aCustomerRow({ name: 'Ada King' }),
  stateAt: STATE_AT,
  stateToldBy: 'customer.created',
  isDeleted: false,
  isErased: false,
  lifecycleStage: 'onboarding',
  revenue: { revision: 0, mrr: {} },
};
const existing = new Map([['test:cus_1', stored]]);
const tombstone = new Map([['test:cus_1', { ...stored, isDeleted: true }]]);
const noUsers = new Map<string, never>();

describe('the outcome of an event is', () => {
  it('created for a valid new customer of a known user, with what the user has been sent before', () => {
    const notifiedKinds = new Map([[USER.id, ['welcome/email']]]);

    expect(decideOutcome(interpreted(), known({ notifiedKinds }))).toMatchObject({
      outcome: 'created',
      facts: [{ customer: { stripeCustomerId: 'cus_1' }, user: USER, notifiedKinds: ['welcome/email'] }],
    });
  });

  it('created with nothing sent before for a new user', () => {
    expect(decideOutcome(interpreted(), known())).toMatchObject({
      outcome: 'created',
      facts: [{ notifiedKinds: [] }],
    });
  });

  it('duplicate for a customer that exists, pointing at it', () => {
    expect(decideOutcome(interpreted(), known({ customers: existing }))).toMatchObject({
      outcome: 'duplicate',
      customerId: 'our-customer-id',
    });
  });

  it('rejected with the reason for an invalid customer', () => {
    expect(decideOutcome(interpreted({ email: null }), known())).toMatchObject({
      outcome: 'rejected',
      refusal: {
        code: 'missing_required_fields',
        message: 'Invalid customer data: Missing required fields: email',
      },
    });
  });

  it('unmatched for a customer that names no user', () => {
    expect(decideOutcome(interpreted({ metadata: {} }), known())).toMatchObject({
      outcome: 'unmatched',
      refusal: { code: 'no_user_id', message: 'No user ID in customer metadata' },
    });
  });

  it('pending_user for a user that MINGUS does not know yet', () => {
    expect(decideOutcome(interpreted(), known({ users: noUsers }))).toMatchObject({
      outcome: 'pending_user',
      refusal: { code: 'user_not_found', message: 'User not found' },
    });
  });

  it.each([
    'customer.source.created',
    'customer.subscription.created',
    'toString',
    '__proto__',
    'constructor',
  ])('ignored for an event of the type %s', (type) => {
    expect(decideOutcome(interpreted({}, { type }), known())).toMatchObject({
      outcome: 'ignored',
      facts: [],
    });
  });

  it('rejected for an event without an object', () => {
    expect(decideOutcome(interpreted({}, { data: null }), known())).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'missing_object' },
    });
  });

  it.each(EVENT_OUTCOMES.filter((outcome) => !OPEN_OUTCOMES.includes(outcome)))(
    'the first one for an event that ended as %s before',
    (outcome) => {
      const events = seen(outcome);
      expect(decideOutcome(interpreted(), known({ events }))).toEqual({
        outcome: 'redelivered',
        first: events.get('evt_1'),
      });
    },
  );
});

describe('an event that waits for its user', () => {
  const events = seen('pending_user');

  it('is created once the user is there', () => {
    expect(decideOutcome(interpreted(), known({ events }))).toMatchObject({ outcome: 'created' });
  });

  it('goes on waiting while there is none', () => {
    expect(decideOutcome(interpreted(), known({ events, users: noUsers }))).toMatchObject({
      outcome: 'pending_user',
    });
  });

  it('becomes a duplicate when another event was faster', () => {
    expect(decideOutcome(interpreted(), known({ events, customers: existing }))).toMatchObject({
      outcome: 'duplicate',
    });
  });
});

describe('where two outcomes apply', () => {
  it.each([
    [
      'a redelivery',
      'an unhandled type',
      interpreted({}, { type: 'x' }),
      { events: seen('ignored') },
      'redelivered',
    ],
    [
      'a redelivery',
      'an invalid customer',
      interpreted({ email: 1 }),
      { events: seen('rejected') },
      'redelivered',
    ],
    [
      'a redelivery',
      'a known customer',
      interpreted(),
      { events: seen('created'), customers: existing },
      'redelivered',
    ],
    ['an invalid customer', 'a known one', interpreted({ email: 1 }), { customers: existing }, 'rejected'],
    ['a known customer', 'no user id', interpreted({ metadata: {} }), { customers: existing }, 'duplicate'],
    [
      'a known customer',
      'an unknown user',
      interpreted(),
      { customers: existing, users: noUsers },
      'duplicate',
    ],
  ] as const)('%s precedes %s', (_first, _second, event, state, outcome) => {
    expect(decideOutcome(event, known(state)).outcome).toBe(outcome);
  });
});

describe('the mode', () => {
  it.each([
    [true, false],
    [false, true],
    [true, null],
  ])('of the service, live %s, refuses events of another: live %s', (expected, livemode) => {
    expect(decideOutcome(interpreted({}, { livemode }), known(), expected)).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'livemode_mismatch' },
    });
  });

  it.each([
    [true, true],
    [false, false],
    [undefined, true],
    [undefined, false],
  ])('of the service, live %s, accepts events of live %s', (expected, livemode) => {
    expect(decideOutcome(interpreted({}, { livemode }), known(), expected).outcome).toBe('created');
  });

  it('of an unhandled event does not matter', () => {
    expect(decideOutcome(interpreted({}, { type: 'x' }), known(), true).outcome).toBe('ignored');
  });

  it('is part of who a customer is: the same id in the other mode is another one', () => {
    const customers = new Map([['live:cus_1', stored]]);
    expect(decideOutcome(interpreted(), known({ customers })).outcome).toBe('created');
  });
});

describe('an update', () => {
  const update = (seconds: number, customer: object = {}) =>
    interpreted(customer, { type: 'customer.updated', created: STATE_AT.getTime() / 1000 + seconds });

  it.each([
    ['newer than what is stored is applied', 1, 'updated'],
    ['of the same second is applied', 0, 'updated'],
    ['older than what is stored changes nothing', -1, 'stale'],
  ])('%s', (_, seconds, outcome) => {
    expect(decideOutcome(update(seconds), known({ customers: existing }))).toMatchObject({
      outcome,
      customerId: stored.id,
      facts:
        outcome === 'stale'
          ? []
          : [{ eventName: 'customer.updated', changes: { name: { before: 'Ada King' } } }],
    });
  });

  it('of a deleted customer changes nothing', () => {
    expect(decideOutcome(update(1), known({ customers: tombstone })).outcome).toBe('stale');
  });

  it.each([
    ['created', {}, {}],
    ['unmatched', { metadata: {} }, {}],
    ['pending_user', {}, { users: noUsers }],
    ['rejected', { email: 'no address' }, {}],
  ] as const)(
    'of a customer that is not stored is %s, as its creation would be',
    (outcome, customer, state) => {
      expect(decideOutcome(update(1, customer), known(state)).outcome).toBe(outcome);
    },
  );
});

describe('a deletion', () => {
  const deletion = (customer: object = {}) => interpreted(customer, { type: 'customer.deleted' });

  it.each([
    ['and with other missing fields', { email: null }],
    ['and its object is whole', {}],
  ])('of a stored customer makes it a tombstone, %s', (_, customer) => {
    expect(decideOutcome(deletion(customer), known({ customers: existing }))).toMatchObject({
      outcome: 'deleted',
      customerId: stored.id,
      facts: [{ eventName: 'customer.deleted', userId: USER.id, last: { stage: 'onboarding' } }],
    });
  });

  it('of a deleted customer is a duplicate', () => {
    expect(decideOutcome(deletion(), known({ customers: tombstone })).outcome).toBe('duplicate');
  });

  it('of a customer that is not stored stores it as deleted', () => {
    expect(decideOutcome(deletion(), known())).toMatchObject({
      outcome: 'deleted',
      facts: [{ eventName: 'customer.created' }, { eventName: 'customer.deleted' }],
    });
  });

  it.each([
    ['unmatched', { metadata: {} }, {}],
    ['pending_user', {}, { users: noUsers }],
    ['rejected', { email: null }, {}],
    ['rejected', { id: 'x' }, {}],
  ] as const)('of one that cannot be stored is %s', (outcome, customer, state) => {
    expect(decideOutcome(deletion(customer), known(state)).outcome).toBe(outcome);
  });
});
