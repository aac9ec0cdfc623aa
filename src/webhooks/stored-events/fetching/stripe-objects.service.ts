import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { inTheNameOf } from '../../../platform/stripe/in-the-name-of.js';
import { StripeClient } from '../../../platform/stripe/stripe-client.service.js';
import { customerIdOf } from '../../stripe/stripe-customer.js';
import { toReceivedEvent } from '../../inbox/inbox-row.js';
import { asInEvents, type ReceivedEvent } from '../../stripe/received-event.js';
import type { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { objectOf, retrieveOf } from './object-kinds.js';
import { readGenerationFailure } from '../../stripe/generation-failure.js';

/** Stripe's answer: the object (null: none exists) and the time of its state by Stripe's clock. */
type FetchedObject = Pick<ReceivedEvent, 'object' | 'stateAt' | 'stateToldBy'>;

/** Reads the objects of events from Stripe. */
@Injectable()
export class StripeObjects {
  private readonly logger = new Logger('webhooks');

  constructor(private readonly stripe: StripeClient) {}

  /**
   * A stored event with the present state of its object in Stripe. Null if its body is not kept (the person
   * was erased), or, with a warning, if there is no key for its mode.
   * @throws the error of Stripe: limits, faults, timeouts, missing permissions
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
    const { id, retrieve } = objectOf(received, stripeCustomerId);
    return { ...received, ...(await fetch(() => retrieve(sdk, id, inTheNameOf(account)))) };
  }

  /** Fetches the object that Stripe failed to report, if it is of a kind that is followed. */
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
    const retrieve = retrieveOf(relatedObject.type);
    const isValid = relatedObject.type !== 'customer' || customerIdOf(relatedObject) !== null;
    if (!retrieve || !isValid) return named;
    const options = inTheNameOf(named.account);
    return { ...named, ...(await fetch(() => retrieve(sdk, relatedObject.id, options))) };
  }
}

/** @throws what the call throws, but for an object that Stripe does not have */
async function fetch(call: () => Promise<Stripe.Response<object>>): Promise<FetchedObject> {
  try {
    const object = await call();
    return fetched(asInEvents(object), object.lastResponse.headers);
  } catch (error) {
    const isMissing = error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';
    if (!isMissing) throw error;
    return fetched(null, error.headers ?? {});
  }
}

/**
 * The event with its data, which the delivery does not contain; null if Stripe does not have the event (any
 * more).
 */
async function retrieveEvent(sdk: Stripe, { stripeEventId, account }: ReceivedEvent): Promise<unknown> {
  try {
    return await sdk.v2.core.events.retrieve(stripeEventId, {}, inTheNameOf(account));
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.code === 'not_found') return null;
    throw error;
  }
}

/** Uses the time of Stripe's answer, because our clock may be wrong and the times of events are Stripe's. */
function fetched(object: unknown, { date = '' }: Record<string, string>): FetchedObject {
  const time = new Date(date);
  if (Number.isNaN(time.getTime())) throw new Error('Answer of the Stripe API without a date');
  return { object, stateAt: time.toISOString(), stateToldBy: 'api' };
}
