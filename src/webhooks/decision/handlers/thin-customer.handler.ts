import { Injectable } from '@nestjs/common';
import { customerKey, type KnownState } from '../known-state.js';
import { followTwin } from '../twin.js';
import { type Verdict, verdict } from '../verdict.js';
import { customerIdOf, type ReportedCustomer } from '../../stripe/stripe-customer.js';
import { isRecord, type ReceivedEvent } from '../../stripe/received-event.js';
import { CustomerDeletedHandler, GONE } from './customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './customer-updated.handler.js';
import { interpretCustomer } from './onboarding.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type NamedSubject,
  type StripeEventHandler,
} from '../stripe-event-handler.js';

export interface ThinSubject extends NamedSubject {
  /** Stripe's answer about the customer; null before the request. */
  fetched: ReportedCustomer | 'deleted' | null;
}

/**
 * Thin events only name their customer. Such an event is `fetching` until a job has fetched the customer from Stripe and
 * decides about the event again. If its snapshot twin has been decided, nothing is fetched.
 */
@Injectable()
@HandlesStripeEvents(['v1.customer.created', 'v1.customer.updated', 'v1.customer.deleted'])
export class ThinCustomerHandler implements StripeEventHandler<ThinSubject> {
  constructor(
    private readonly updated: CustomerUpdatedHandler,
    private readonly deleted: CustomerDeletedHandler,
  ) {}

  interpret(event: ReceivedEvent): Interpretation<ThinSubject> {
    const { relatedObject, object } = event;
    if (!relatedObject) return refuse('missing_related_object', 'No related object');
    if (relatedObject.type !== 'customer')
      return refuse('invalid_related_object', 'Related object is no customer');
    const stripeCustomerId = customerIdOf(relatedObject);
    if (!stripeCustomerId) return refuse('invalid_customer_id', 'Invalid customer ID format');
    const subject = { stripeCustomerId, livemode: event.livemode === true, mingusUserId: null };
    if (object === undefined) return { valid: true, ...subject, fetched: null };
    if (object === null)
      return { valid: false, code: 'object_not_found', message: 'Customer not found in Stripe' };
    if (isRecord(object) && object.deleted === true) return { valid: true, ...subject, fetched: 'deleted' };
    const interpretation = interpretCustomer(event);
    if (!interpretation.valid) return interpretation;
    const { customer, mingusUserId } = interpretation;
    return { valid: true, ...subject, mingusUserId, fetched: customer };
  }

  decide(subject: ThinSubject, event: ReceivedEvent, known: KnownState): Verdict {
    const ofTwin = followTwin(event, known);
    if (ofTwin) return ofTwin;
    const { fetched } = subject;
    const existing = known.customers.get(customerKey(subject));
    if (fetched === 'deleted' || event.type === 'v1.customer.deleted') {
      if (existing) return this.deleted.decide({ ...subject, customer: null }, event, known);
      return fetched ? verdict('rejected', { refusal: GONE }) : verdict('fetching');
    }
    if (existing && event.type === 'v1.customer.created')
      return verdict('duplicate', { customerId: existing.id });
    if (!fetched) return verdict('fetching');
    return this.updated.decide({ ...subject, customer: fetched }, event, known);
  }
}

function refuse(code: string, detail: string): Interpretation<ThinSubject> {
  return { valid: false, code, message: `Invalid thin event: ${detail}` };
}
