import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { customerIdOf } from '../decision/stripe-customer.js';
import { toReceivedEvent } from '../inbox-row.js';
import { type ReceivedEvent, toStorable } from '../intake/received-event.js';
import type { WebhookEvent } from '../webhook-event.entity.js';
import { readGenerationFailure } from './generation-failure.js';

/** What Stripe answered: the object (null: there is none) and as of when, by Stripe's clock. */
type FetchedObject = Pick<ReceivedEvent, 'object' | 'stateAt' | 'stateToldBy'>;

/** Reads the customers of events from Stripe. */
@Injectable()
export class StripeCustomers {
  private readonly logger = new Logger('webhooks');

  constructor(private readonly stripe: StripeClient) {}

  /**
   * A stored event with its customer as it is in Stripe now; null where its body is not kept (the person was
   * erased), and, with a warning, without a key for its mode.
   * @throws when Stripe gives no answer about the customer: limits, faults, timeouts, missing permissions
   */
  async fetchFor(row: WebhookEvent): Promise<ReceivedEvent | null> {
    const { stripeEventId, stripeCustomerId, account } = row;
    const livemode = row.livemode === true;
    const sdk = this.stripe.of(livemode);
    if (!sdk) {
      this.logger.warn({ event: 'object not fetched: no key for its mode', stripeEventId, livemode });
      return null;
    }
    const received = toReceivedEvent(row);
    if (!received) return null;
    if (received.kind === 'thin' && !received.relatedObject) return this.fetchNamed(sdk, received);
    return { ...received, ...(await retrieve(sdk, stripeCustomerId as string, account)) };
  }

  /** Asks first what the event is about. Other objects than customers are not fetched. */
  private async fetchNamed(sdk: Stripe, received: ReceivedEvent): Promise<ReceivedEvent> {
    const event = await retrieveEvent(sdk, received);
    if (!event) return { ...received, object: null };
    const { missingType, relatedObject, account } = readGenerationFailure(event);
    const { stripeEventId } = received;
    this.logger.warn({
      event: 'Stripe failed to generate an event',
      stripeEventId,
      missingType,
      objectType: relatedObject.type,
    });
    const named = { ...received, relatedObject, account: account ?? received.account };
    const customerId = relatedObject.type === 'customer' ? customerIdOf(relatedObject) : null;
    return customerId === null ? named : { ...named, ...(await retrieve(sdk, customerId, named.account)) };
  }
}

/** @param account the connected account whose customer it is */
async function retrieve(sdk: Stripe, id: string, account: string | null): Promise<FetchedObject> {
  try {
    const customer = await sdk.customers.retrieve(id, {}, inTheNameOf(account));
    return fetched(toStorable(customer), customer.lastResponse.headers);
  } catch (error) {
    const isMissing = error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';
    if (!isMissing) throw error;
    return fetched(null, error.headers ?? {});
  }
}

/** The event with its data, which is not delivered with it; null: Stripe does not have it (any more). */
async function retrieveEvent(sdk: Stripe, { stripeEventId, account }: ReceivedEvent): Promise<unknown> {
  try {
    return await sdk.v2.core.events.retrieve(stripeEventId, {}, inTheNameOf(account));
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.code === 'not_found') return null;
    throw error;
  }
}

function inTheNameOf(account: string | null): Stripe.RequestOptions {
  return account ? { stripeContext: account } : {};
}

/** The time of Stripe's answer. Ours may be off, and the times of its events are Stripe's. */
function fetched(object: unknown, { date = '' }: Record<string, string>): FetchedObject {
  const time = new Date(date);
  if (Number.isNaN(time.getTime())) throw new Error('Answer of the Stripe API without a date');
  return { object, stateAt: time.toISOString(), stateToldBy: 'api' };
}
