import type { DomainEvent } from '../domain-event.js';

/** Something that happened to a customer with a user, as analytics has recorded it. */
export interface AnalyticsFact {
  analyticsEventId: string;
  name: string;
  userId: string;
  properties: Readonly<Record<string, unknown>>;
  /** By Stripe's time (ISO 8601). */
  occurredAt: string;
}

/** Analytics recorded what happened to customers. What is repeated is recorded once. */
export class AnalyticsRecorded implements DomainEvent {
  static readonly eventName = 'analytics.recorded';
  readonly eventName = AnalyticsRecorded.eventName;

  constructor(readonly facts: readonly AnalyticsFact[]) {
    Object.freeze(this);
  }
}
