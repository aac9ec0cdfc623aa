import { And, type FindOperator, type FindOptionsWhere, LessThan, MoreThan, MoreThanOrEqual } from 'typeorm';
import type { EventOutcome } from '../decision/event-outcome.js';
import type { WebhookEvent } from '../webhook-event.entity.js';

/** Which stored events are meant; all conditions must hold. */
export type EventFilter = {
  outcome?: EventOutcome;
  type?: string;
  errorCode?: string;
  /** Text once it has been stored. */
  receivedFrom?: Date | string;
  receivedBefore?: Date | string;
};

/** The condition of a filter, for a query. */
export function toCondition(filter: EventFilter): FindOptionsWhere<WebhookEvent> {
  const { outcome, type, errorCode, receivedFrom, receivedBefore } = filter;
  const bounds: FindOperator<Date>[] = [];
  if (receivedFrom) bounds.push(MoreThanOrEqual(new Date(receivedFrom)));
  if (receivedBefore) bounds.push(LessThan(new Date(receivedBefore)));
  return {
    ...(outcome ? { outcome } : {}),
    ...(type ? { type } : {}),
    ...(errorCode ? { errorCode } : {}),
    ...(bounds.length > 0 ? { receivedAt: And(...bounds) } : {}),
  };
}

/** The same, for events between two ids of ours, both excluded. */
export function toConditionBetween(
  filter: EventFilter,
  after: string | null,
  before: string,
): FindOptionsWhere<WebhookEvent> {
  const id = after === null ? LessThan(before) : And(MoreThan(after), LessThan(before));
  return { ...toCondition(filter), id };
}
