import type { DomainEvent } from '../domain-event.js';

/** An operator replayed an event: it was decided again, or missing rows of its customer were repaired. */
export class WebhookEventReplayed implements DomainEvent {
  static readonly eventName = 'webhook_event.replayed';
  readonly eventName = WebhookEventReplayed.eventName;

  constructor(
    readonly stripeEventId: string,
    readonly customerId: string | null,
    /** Outcomes, and numbers of rows and jobs by table and task. */
    readonly effect: Readonly<{
      outcomeBefore: string;
      outcome: string;
      rows: Readonly<Record<string, number>>;
      jobs: Readonly<Record<string, number>>;
    }>,
    /** The bulk replay that this replay belongs to; null for a single one. */
    readonly replayId: string | null,
  ) {
    Object.freeze(this);
  }
}
