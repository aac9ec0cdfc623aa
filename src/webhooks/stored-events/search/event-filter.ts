import { And, type FindOperator, type FindOptionsWhere, LessThan, MoreThan, MoreThanOrEqual } from 'typeorm';
import type { EventOutcome } from '../../stripe/event-outcome.js';
import type { WebhookEvent } from '../../inbox/webhook-event.entity.js';

/** Selects stored events; all conditions must hold. */
export type EventFilter = {
  outcome?: EventOutcome;
  type?: string;
  errorCode?: string;
  stripeCustomerId?: string;
  userId?: string;
  /** A string after the filter was stored as JSON. */
  receivedFrom?: Date | string;
  receivedBefore?: Date | string;
};

/** A filter that is never stored, so it may hold an address. */
export type EventSearch = EventFilter & { email?: string; stripeEventId?: string };

/** A condition for events. */
export type Condition = FindOptionsWhere<WebhookEvent>;

/** Events between two of our ids, both excluded. */
export function between(after: string | null, before: string): Condition {
  return { id: after === null ? LessThan(before) : And(MoreThan(after), LessThan(before)) };
}

/** The conditions that need only the table of events. */
export function toCondition(filter: EventSearch): Condition {
  const { outcome, type, errorCode, stripeEventId, receivedFrom, receivedBefore } = filter;
  const bounds: FindOperator<Date>[] = [];
  if (receivedFrom) bounds.push(MoreThanOrEqual(new Date(receivedFrom)));
  if (receivedBefore) bounds.push(LessThan(new Date(receivedBefore)));
  return {
    ...(outcome ? { outcome } : {}),
    ...(type ? { type } : {}),
    ...(errorCode ? { errorCode } : {}),
    ...(stripeEventId ? { stripeEventId } : {}),
    ...(bounds.length > 0 ? { receivedAt: And(...bounds) } : {}),
  };
}
