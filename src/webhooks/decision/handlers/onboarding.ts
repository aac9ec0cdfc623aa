import { NO_ARMS } from '../../../events/assigned-arm.js';
import { CustomerCreated } from '../../../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../../../events/customers/customer-deleted.event.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { NOTHING_BILLED } from '../known-billing.js';
import { customerKey, type KnownState } from '../known-state.js';
import { type Verdict, verdict } from '../verdict.js';
import { missingFields, type ReportedCustomer, translateCustomer } from '../../stripe/stripe-customer.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { originOf } from '../../stripe/event-origin.js';
import type { Interpretation, NamedSubject } from '../stripe-event-handler.js';

/** An event whose object is a whole customer. */
export interface CustomerSubject extends NamedSubject {
  customer: ReportedCustomer;
}

export function interpretCustomer({ object, livemode }: ReceivedEvent): Interpretation<CustomerSubject> {
  const translated = translateCustomer(object, livemode);
  if (!translated.valid) return translated;
  const { customer, mingusUserId } = translated;
  const { stripeCustomerId } = customer;
  return { valid: true, stripeCustomerId, livemode: customer.livemode, mingusUserId, customer };
}

/** The verdict about a customer that is not stored yet. Any type of event can be the first one. */
export function onboard(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
  const isDeleted = known.deletions.has(customerKey(subject));
  return isDeleted ? onboardDeleted(subject, event, known) : onboardAlive(subject, event, known);
}

/** A customer that was deleted before it was stored becomes a tombstone at once and gets no welcome message. */
export function onboardDeleted(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
  const onboarding = onboardAlive(subject, event, known);
  const [created] = onboarding.facts;
  if (!(created instanceof CustomerCreated)) return onboarding;
  const { customerId, customer, user, origin } = created;
  const deleted = new CustomerDeleted(
    customerId,
    customer.stripeCustomerId,
    user.id,
    { stage: 'onboarding', revenue: NOTHING_BILLED.revenue },
    origin,
  );
  return verdict('deleted', { customerId, facts: [created, deleted] });
}

function onboardAlive(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
  const { mingusUserId } = subject;
  const { email } = subject.customer;
  if (email === null) return verdict('rejected', { refusal: missingFields(['email']) });
  if (!mingusUserId) {
    const refusal = { code: 'no_user_id', message: 'No user ID in customer metadata' };
    return verdict('unmatched', { refusal });
  }
  const user = known.users.get(mingusUserId);
  if (!user) {
    return verdict('pending_user', { refusal: { code: 'user_not_found', message: 'User not found' } });
  }
  const customerId = uuidv7();
  const notifiedKinds = known.notifiedKinds.get(user.id) ?? [];
  const customer = { ...subject.customer, email };
  const history = { notifiedKinds, assignment: NO_ARMS };
  const creation = new CustomerCreated(customerId, customer, user, originOf(event), history);
  return verdict('created', { customerId, facts: [creation.assigned(known.armsOf(creation))] });
}
