import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { type ReceivedEvent, toStorable } from '../intake/received-event.js';

/** What Stripe answered: the object (null: there is none) and as of when, by Stripe's clock. */
export type FetchedObject = Pick<ReceivedEvent, 'object' | 'stateAt' | 'stateToldBy'>;

/** Reads customers from Stripe. */
@Injectable()
export class StripeCustomers {
  constructor(private readonly stripe: StripeClient) {}

  /** Whether there is a key for this mode. */
  isReadable(livemode: boolean): boolean {
    return this.stripe.of(livemode) !== null;
  }

  /**
   * @param account the connected account whose customer it is
   * @throws when Stripe gives no answer about the customer: limits, faults, timeouts, missing permissions
   */
  async fetch(stripeCustomerId: string, livemode: boolean, account: string | null): Promise<FetchedObject> {
    const sdk = this.stripe.of(livemode);
    if (!sdk) throw new Error('No STRIPE_SECRET_KEY for this mode');
    try {
      const options = account ? { stripeContext: account } : {};
      const customer = await sdk.customers.retrieve(stripeCustomerId, {}, options);
      return fetched(toStorable(customer), customer.lastResponse.headers);
    } catch (error) {
      const isMissing = error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';
      if (!isMissing) throw error;
      return fetched(null, error.headers ?? {});
    }
  }
}

/** The time of Stripe's answer. Ours may be off, and the times of its events are Stripe's. */
function fetched(object: unknown, { date = '' }: Record<string, string>): FetchedObject {
  const time = new Date(date);
  if (Number.isNaN(time.getTime())) throw new Error('Answer of the Stripe API without a date');
  return { object, stateAt: time.toISOString(), stateToldBy: 'api' };
}
