import type { DomainEvent } from '../domain-event.js';

/** An operator linked an event to a user: it was decided as if its object named this user. */
export class WebhookEventLinked implements DomainEvent {
  static readonly eventName = 'webhook_event.linked';
  readonly eventName = WebhookEventLinked.eventName;

  constructor(
    readonly stripeEventId: string,
    readonly customerId: string | null,
    /** The user id in the event, and the user id it is linked to. */
    readonly userId: Readonly<{ before: string | null; after: string }>,
    /** Outcomes, and numbers of rows and jobs by table and task. */
    readonly effect: Readonly<{
      outcomeBefore: string;
      outcome: string;
      rows: Readonly<Record<string, number>>;
      jobs: Readonly<Record<string, number>>;
    }>,
  ) {
    Object.freeze(this);
  }
}
