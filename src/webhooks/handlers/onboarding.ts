import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../../events/customers/customer-deleted.event.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { customerKey, type KnownState } from '../decision/known-state.js';
import { type Verdict, verdict } from '../decision/verdict.js';
import { missingFields, type ToldCustomer, translateCustomer } from '../decision/stripe-customer.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { originOf } from '../inbox-row.js';
import type { Interpretation, NamedSubject } from './stripe-event-handler.js';

/** An event whose object is a whole customer. */
export interface CustomerSubject extends NamedSubject {
  customer: ToldCustomer;
}

export function interpretCustomer({ object, livemode }: ReceivedEvent): Interpretation<CustomerSubject> {
  const translated = translateCustomer(object, livemode);
  if (!translated.valid) return translated;
  const { customer, mingusUserId } = translated;
  const { stripeCustomerId } = customer;
  return { valid: true, stripeCustomerId, livemode: customer.livemode, mingusUserId, customer };
}

/** What to do about a customer that is not stored yet, whichever event tells of it first. */
export function onboard(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
  const isDeleted = known.deletions.has(customerKey(subject));
  return isDeleted ? onboardDeleted(subject, event, known) : onboardAlive(subject, event, known);
}

/** A customer that was deleted before it was stored becomes a tombstone at once: nobody is welcomed. */
export function onboardDeleted(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
  const onboarding = onboardAlive(subject, event, known);
  const [created] = onboarding.facts;
  if (!(created instanceof CustomerCreated)) return onboarding;
  const { customerId, customer, user, origin } = created;
  const deleted = new CustomerDeleted(customerId, customer.stripeCustomerId, user.id, 'onboarding', origin);
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
  const fact = new CustomerCreated(customerId, customer, user, originOf(event), notifiedKinds);
  return verdict('created', { customerId, facts: [fact] });
}
