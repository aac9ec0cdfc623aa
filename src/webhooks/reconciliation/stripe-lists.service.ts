import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { DomainError } from '../../platform/http/domain-error.js';
import { StripeCalls } from '../../platform/stripe/stripe-calls.service.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { hasMoreItems, readAllItems } from '../../platform/stripe/subscription-items.js';
import { EventHandlers } from '../decision/event-handlers.service.js';
import type { Phase, Reconciliation } from './reconciliation.entity.js';

/** Stripe's maximum. */
const PAGE_SIZE = 100;
const EVENTS_KEPT_MS = 30 * 86_400_000;
const SECOND_MS = 1000;

/** The list and the position where a page begins. */
export type Cursor = Pick<Reconciliation, 'phase' | 'position' | 'positionCreatedAt'>;

/** What the price of a subscription depends on and Stripe leaves out, as far as lists can include it: four levels. */
const LISTED_PRICE_DETAILS = ['data.discounts.source.coupon', 'data.items.data.discounts'];

/** An event, a customer or another object as Stripe's API answers it. */
export type StripeObject = { id: string; created: number; livemode: boolean } & Record<string, unknown>;

/** A page of a list, newest first. */
export interface StripePage {
  cursor: Cursor;
  objects: StripeObject[];
  hasMore: boolean;
  /**
   * The time up to which the list is certainly complete, by Stripe's clock, in whole seconds like the times
   * of events.
   */
  stateAt: Date;
}

type ListedRange = { created: Stripe.RangeQueryParam; limit: number; starting_after?: string };

/** Reads lists from Stripe, with a rate limit and retries ({@link StripeCalls}). */
@Injectable()
export class StripeLists {
  constructor(
    private readonly client: StripeClient,
    private readonly calls: StripeCalls,
    private readonly handlers: EventHandlers,
  ) {}

  /** @throws StripeUnavailable, or the error of Stripe if a retry would not help */
  async fetch(run: Pick<Reconciliation, 'since' | 'until'>, cursor: Cursor): Promise<StripePage> {
    try {
      return await this.list(cursor, toRange(run, cursor, cursor.position));
    } catch (error) {
      const hasGone = isMissing(error) && cursor.position !== null;
      if (!hasGone) throw error;
      // The object at the cursor was deleted since, so the list starts again from its second.
      return this.list(cursor, toRange(run, cursor, null));
    }
  }

  /** Looks up one customer. `missing`: Stripe has no such customer, not even a deleted one. */
  async lookUp(customerId: string): Promise<{ state: 'alive' | 'deleted' | 'missing'; at: Date }> {
    const { answer, stateAt: at } = await this.timed(async () => {
      try {
        return await this.sdk.customers.retrieve(customerId);
      } catch (error) {
        if (isMissing(error)) return { deleted: null, lastResponse: { headers: error.headers ?? {} } };
        throw error;
      }
    });
    if (answer.deleted === null) return { state: 'missing', at };
    return { state: answer.deleted ? 'deleted' : 'alive', at };
  }

  private async list(cursor: Cursor, range: ListedRange): Promise<StripePage> {
    const { answer, stateAt } = await this.timed<ListAnswer>(() => this.call(cursor.phase, range));
    const objects = answer.data as unknown as StripeObject[];
    if (cursor.phase === 'subscriptions') await this.completeItems(objects);
    return { cursor, objects, hasMore: answer.has_more, stateAt };
  }

  private async completeItems(subscriptions: StripeObject[]): Promise<void> {
    for (const subscription of subscriptions.filter(hasMoreItems))
      await this.calls.run(() => readAllItems(this.sdk, subscription, {}));
  }

  private call(phase: Phase, range: ListedRange): Promise<ListAnswer> {
    switch (phase) {
      case 'customers':
        return this.sdk.customers.list(range);
      case 'subscriptions':
        return this.sdk.subscriptions.list({ ...range, status: 'all', expand: LISTED_PRICE_DETAILS });
      case 'invoices':
        return this.sdk.invoices.list(range);
      case 'disputes':
        // Only the charge names the customer.
        return this.sdk.disputes.list({ ...range, expand: ['data.charge'] });
      default: {
        const isUndelivered = phase === 'undelivered_events' ? { delivery_success: false } : {};
        return this.sdk.events.list({ ...range, types: this.handlers.listedTypes, ...isUndelivered });
      }
    }
  }

  /**
   * Finds the time of an answer by its `date` header, which is cut to the second. Our own clock may be wrong.
   */
  private timed<T extends WithHeaders>(call: () => Promise<T>): Promise<{ answer: T; stateAt: Date }> {
    return this.calls.run(async () => {
      const startedAt = performance.now();
      const answer = await call();
      const date = new Date(answer.lastResponse.headers.date ?? '').getTime();
      if (Number.isNaN(date)) throw new Error('Answer of the Stripe API without a date');
      const readAt = date - (performance.now() - startedAt);
      return { answer, stateAt: new Date(Math.floor(readAt / SECOND_MS) * SECOND_MS) };
    });
  }

  private get sdk(): Stripe {
    if (!this.client.sdk) throw new DomainError('stripe_key_missing', 'STRIPE_SECRET_KEY is not set');
    return this.client.sdk;
  }
}

interface WithHeaders {
  lastResponse: { headers: Record<string, string> };
}
type ListAnswer = WithHeaders & { data: object[]; has_more: boolean };

/** The phase after each phase. */
export const NEXT_PHASE: Record<Exclude<Phase, 'done'>, Phase> = {
  undelivered_events: 'events',
  events: 'customers',
  customers: 'subscriptions',
  subscriptions: 'invoices',
  invoices: 'disputes',
  disputes: 'done',
};

function toRange(
  { since, until }: Pick<Reconciliation, 'since' | 'until'>,
  { phase, positionCreatedAt }: Cursor,
  after: string | null,
): ListedRange {
  const isOfEvents = phase === 'undelivered_events' || phase === 'events';
  const begin = isOfEvents ? latest(since, new Date(until.getTime() - EVENTS_KEPT_MS)) : since;
  const end = after === null ? (positionCreatedAt ?? until) : until;
  return {
    created: { lte: toSeconds(end), ...(begin ? { gte: toSeconds(begin) } : {}) },
    limit: PAGE_SIZE,
    ...(after === null ? {} : { starting_after: after }),
  };
}

function latest(one: Date | null, other: Date): Date {
  return one && one > other ? one : other;
}

function toSeconds(time: Date): number {
  return Math.floor(time.getTime() / SECOND_MS);
}

function isMissing(error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> {
  return error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';
}
