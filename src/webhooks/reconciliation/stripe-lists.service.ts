import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { DomainError } from '../../platform/http/domain-error.js';
import { StripeCalls } from '../../platform/stripe/stripe-calls.service.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { EventHandlers } from '../handlers/event-handlers.service.js';
import type { Phase, Reconciliation } from './reconciliation.entity.js';

/** The most that Stripe gives. */
const PAGE_SIZE = 100;
const EVENTS_KEPT_MS = 30 * 86_400_000;
const SECOND_MS = 1000;

/** Where in which list a page begins. */
export type Cursor = Pick<Reconciliation, 'phase' | 'position' | 'positionCreatedAt'>;

/** An event or a customer as Stripe's API answers it. */
export type StripeObject = { id: string; created: number; livemode: boolean } & Record<string, unknown>;

/** A page of a list, newest first. */
export interface StripePage {
  cursor: Cursor;
  objects: StripeObject[];
  hasMore: boolean;
  /** As of when the list holds for certain, by Stripe's clock and in whole seconds like its events. */
  stateAt: Date;
}

type ListedRange = { created: Stripe.RangeQueryParam; limit: number; starting_after?: string };

/** Reads lists from Stripe, at a rate of its own and with patience ({@link StripeCalls}). */
@Injectable()
export class StripeLists {
  constructor(
    private readonly client: StripeClient,
    private readonly calls: StripeCalls,
    private readonly handlers: EventHandlers,
  ) {}

  /** @throws StripeUnavailable, or the error of Stripe where trying again would not help */
  async fetch(run: Pick<Reconciliation, 'since' | 'until'>, cursor: Cursor): Promise<StripePage> {
    try {
      return await this.list(cursor, toRange(run, cursor, cursor.position));
    } catch (error) {
      const hasGone = isMissing(error) && cursor.position !== null;
      if (!hasGone) throw error;
      // The object at the cursor was deleted since: its second is listed once more.
      return this.list(cursor, toRange(run, cursor, null));
    }
  }

  /** `missing`: Stripe has never heard of it, which is not what it says of a deleted one. */
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
    const { answer, stateAt } = await this.timed<ListAnswer>(() =>
      cursor.phase === 'customers'
        ? this.sdk.customers.list(range)
        : this.sdk.events.list({
            ...range,
            types: this.handlers.snapshotTypes,
            ...(cursor.phase === 'undelivered_events' ? { delivery_success: false } : {}),
          }),
    );
    const objects = answer.data as unknown as StripeObject[];
    return { cursor, objects, hasMore: answer.has_more, stateAt };
  }

  /**
   * Stripe read what it answers between the request and the `date` of the answer, which is cut to the second;
   * our clock may be off and is of no use here.
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

/** The list after one that this phase's is followed by. */
export const NEXT_PHASE: Record<Exclude<Phase, 'done'>, Phase> = {
  undelivered_events: 'events',
  events: 'customers',
  customers: 'done',
};

function toRange(
  { since, until }: Pick<Reconciliation, 'since' | 'until'>,
  { phase, positionCreatedAt }: Cursor,
  after: string | null,
): ListedRange {
  const begin = phase === 'customers' ? since : latest(since, new Date(until.getTime() - EVENTS_KEPT_MS));
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
