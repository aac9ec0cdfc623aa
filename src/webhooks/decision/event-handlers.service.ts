import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { providersMarkedBy } from '../../platform/marked-providers.js';
import { HandlesStripeEvents, type StripeEventHandler } from './stripe-event-handler.js';

/** Finds the handler of an event type. */
@Injectable()
export class EventHandlers implements OnModuleInit {
  private handlers = new Map<string, StripeEventHandler>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws when a type has two handlers */
  onModuleInit(): void {
    this.handlers = providersMarkedBy(this.discovery, HandlesStripeEvents, 'event type');
  }

  of(type: string): StripeEventHandler | null {
    return this.handlers.get(type) ?? null;
  }

  /** The handled types of Stripe's snapshot events. */
  get snapshotTypes(): string[] {
    return [...this.handlers.keys()].filter(isSnapshotType);
  }

  /**
   * The handled types to ask lists of events for: Stripe accepts 20.
   * @throws when there are more
   */
  get listedTypes(): string[] {
    const types = this.snapshotTypes.filter((type) => !TELLS_NOTHING_NEW.has(type));
    if (types.length > LISTED_TYPES_MAX)
      throw new Error(`Stripe lists events of ${LISTED_TYPES_MAX} types, not of ${types.length}`);
    return types;
  }
}

/** https://docs.stripe.com/api/events/list#list_events-types */
const LISTED_TYPES_MAX = 20;

/** A reminder: an earlier event has its state. */
const TELLS_NOTHING_NEW: ReadonlySet<string> = new Set(['customer.subscription.trial_will_end']);

/** Whether the type is not that of a thin event (`v1.…`, `v2.…`) and not one of our own. */
export function isSnapshotType(type: string): boolean {
  return !/^(v\d+|mingus)\./.test(type);
}
