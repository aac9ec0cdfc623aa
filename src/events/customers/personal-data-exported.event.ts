import type { DomainEvent } from '../domain-event.js';

/** An operator exported all stored data about a person. */
export class PersonalDataExported implements DomainEvent {
  static readonly eventName = 'personal_data.exported';
  readonly eventName = PersonalDataExported.eventName;

  constructor(
    readonly stripeCustomerId: string,
    /** Our ids of the customers with that Stripe id. Empty if only events about the customer are stored. */
    readonly customerIds: readonly string[],
    /** Number of rows by table. */
    readonly rows: Readonly<Record<string, number>>,
  ) {
    Object.freeze(this);
  }
}
