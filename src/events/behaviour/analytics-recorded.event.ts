import type { DomainEvent } from '../domain-event.js';

/** Something that happened to a customer with a user. Customer, name and event of Stripe name it once and for all. */
export interface AnalyticsFact {
  customerId: string;
  userId: string;
  name: string;
  stripeEventId: string;
  properties: Readonly<Record<string, unknown>>;
  /** By Stripe's time (ISO 8601). */
  occurredAt: string;
}

/** Analytics recorded what happened to customers. What is repeated is recorded once. */
export class AnalyticsRecorded implements DomainEvent {
  static readonly eventName = 'analytics.recorded';
  readonly eventName = AnalyticsRecorded.eventName;

  constructor(readonly recorded: readonly Readonly<AnalyticsFact>[]) {
    Object.freeze(this);
  }
}
