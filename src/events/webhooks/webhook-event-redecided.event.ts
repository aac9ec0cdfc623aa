import type { DomainEvent } from '../domain-event.js';

/** An event was decided again, with another outcome: it was replayed or linked, or its user arrived. */
export class WebhookEventRedecided implements DomainEvent {
  static readonly eventName = 'webhook_event.redecided';
  readonly eventName = WebhookEventRedecided.eventName;

  constructor(
    readonly stripeEventId: string,
    readonly type: string,
    /** When it was first decided (ISO 8601). */
    readonly firstDecidedAt: string,
    readonly outcomes: Readonly<{ before: string; after: string }>,
  ) {
    Object.freeze(this);
  }
}
