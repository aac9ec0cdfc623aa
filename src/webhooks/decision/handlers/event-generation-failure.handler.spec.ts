import { describe, expect, it } from 'vitest';
import { aCustomer, aGenerationFailure } from '../../../../test/support/builders.js';
import { NOTHING_KNOWN } from '../../../../test/support/database/known-state.js';
import { aCustomerRow } from '../../../../test/support/database/rows.js';
import { decideOutcome, interpretEvent } from '../event-decision.js';
import type { KnownState } from '../known-state.js';
import { parseReceivedEvent, type ReceivedEvent } from '../../stripe/received-event.js';
import { CustomerDeletedHandler } from './customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './customer-updated.handler.js';
import { EventGenerationFailureHandler } from './event-generation-failure.handler.js';
import { DisputeHandler } from './billing/dispute.handler.js';
import { InvoiceHandler } from './billing/invoice.handler.js';
import { SubscriptionHandler } from './billing/subscription.handler.js';
import { ThinCustomerHandler } from './thin-customer.handler.js';

const USER = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  createdAt: '2027-01-15T08:00:00.000Z',
  milestones: [],
};
const CUSTOMER = aCustomer({ id: 'cus_1', metadata: { mingus_user_id: USER.id } });
const NAMED = { id: 'cus_1', type: 'customer' };

const handler = new EventGenerationFailureHandler(
  new ThinCustomerHandler(new CustomerUpdatedHandler(), new CustomerDeletedHandler()),
  new SubscriptionHandler(),
  new InvoiceHandler(),
  new DisputeHandler(),
);

const existing: KnownState['customers'] = new Map([
  [
    'test:cus_1',
    {
      id: 'our-customer-id',
      userId: USER.id,
      stored: aCustomerRow(),
      stateAt: new Date(0),
      stateToldBy: 'customer.created',
      isDeleted: false,
      isErased: false,
      lifecycleStage: 'onboarding',
      revenue: { revision: 0, mrr: {} },
    },
  ],
]);

/** The decision about a failure to generate an event, with the fields that Stripe reported on request. */
function decide(reported: Partial<ReceivedEvent> = {}, customers: KnownState['customers'] = new Map()) {
  const received = parseReceivedEvent(Buffer.from(JSON.stringify(aGenerationFailure())), new Date());
  if (!received) throw new Error('Not an event');
  const known: KnownState = {
    ...NOTHING_KNOWN,
    customers,
    users: new Map([[USER.id, USER]]),
  };
  return decideOutcome(interpretEvent({ ...received, ...reported }, handler), known);
}

describe('an event that Stripe failed to generate', () => {
  it('is fetching until its object is known, with any stored state', () => {
    expect(decide({}, existing)).toMatchObject({ outcome: 'fetching', facts: [] });
  });

  it.each([
    ['an unknown customer is onboarded', CUSTOMER, new Map(), 'created'],
    ['a stored customer is updated', CUSTOMER, existing, 'updated'],
    ['a stored customer that is deleted is a tombstone', { id: 'cus_1', deleted: true }, existing, 'deleted'],
    ['an unknown customer that is deleted is refused', { id: 'cus_1', deleted: true }, new Map(), 'rejected'],
    ['a customer that Stripe does not have is refused', null, new Map(), 'rejected'],
  ])('is decided like a thin event: %s', (_, object, customers, outcome) => {
    expect(decide({ relatedObject: NAMED, object }, customers).outcome).toBe(outcome);
  });

  it('is ignored, and says why, when it was about something else', () => {
    const reported = { relatedObject: { id: 'pi_1', type: 'payment_intent' } };

    expect(decide(reported)).toMatchObject({ outcome: 'ignored', refusal: { code: 'not_a_customer' } });
  });

  it.each([
    ['the id is none of a customer', { relatedObject: { ...NAMED, id: 'cus_1/x' } }, 'invalid_customer_id'],
    ['Stripe does not have the event', { object: null }, 'event_not_found'],
  ])('is rejected when %s', (_, reported, code) => {
    expect(decide(reported)).toMatchObject({ outcome: 'rejected', refusal: { code } });
  });
});
