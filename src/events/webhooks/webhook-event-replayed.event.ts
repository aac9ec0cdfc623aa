import type { DomainEvent } from '../domain-event.js';

/** An operator had an event decided anew, or had what is missing of its customer repaired. */
export class WebhookEventReplayed implements DomainEvent {
  static readonly eventName = 'webhook_event.replayed';
  readonly eventName = WebhookEventReplayed.eventName;

  constructor(
    readonly stripeEventId: string,
    readonly customerId: string | null,
    /** Outcomes, and rows and jobs by table and task. */
    readonly effect: Readonly<{
      outcomeBefore: string;
      outcome: string;
      rows: Readonly<Record<string, number>>;
      jobs: Readonly<Record<string, number>>;
    }>,
    /** The replay of many events that this one belongs to; null for one alone. */
    readonly replayId: string | null,
  ) {
    Object.freeze(this);
  }
}
