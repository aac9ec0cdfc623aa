import {
  And,
  type FindOperator,
  type FindOptionsWhere,
  LessThan,
  MoreThan,
  MoreThanOrEqual,
  Not,
} from 'typeorm';
import { smallestUuidOf } from '../platform/database/uuid.js';
import type { AuditEntriesQuery } from './audit-entry.dto.js';
import type { AuditEntry } from './audit-entry.entity.js';

/** An entry is written at most a day before or after its act. */
const WRITTEN_WITHIN_MS = 86_400_000;

/**
 * The conditions of a filter.
 * @param place the range of ids
 */
export function entriesWith(
  filter: Omit<AuditEntriesQuery, 'limit' | 'cursor'>,
  place?: FindOperator<string>,
): FindOptionsWhere<AuditEntry> {
  const { customerId, objectId, action, since, until } = filter;
  const times = [...(since ? [MoreThanOrEqual(since)] : []), ...(until ? [LessThan(until)] : [])];
  const ids = [...idsBetween(since, until), ...(place ? [place] : [])];
  return {
    ...(customerId ? { customerId } : {}),
    ...(objectId ? { objectId } : {}),
    ...(action ? { action } : {}),
    ...actorOf(filter),
    ...(times.length > 0 ? { occurredAt: And(...times) } : {}),
    ...(ids.length > 0 ? { id: And(...ids) } : {}),
  };
}

/** Entries of Stripe have no index by actor, so an id of another kind is searched among the other entries. */
function actorOf({ actorType, actorId }: Pick<AuditEntriesQuery, 'actorType' | 'actorId'>) {
  const isOfStripe = actorId?.startsWith('req_');
  return {
    ...(actorType ? { actorType } : {}),
    ...(!actorType && actorId && !isOfStripe ? { actorType: Not<'stripe'>('stripe') } : {}),
    ...(actorId ? { actorId } : {}),
  };
}

/** Ids are ordered by time, so the primary key can search for a time. */
function idsBetween(since?: Date, until?: Date): FindOperator<string>[] {
  return [
    ...(since ? [MoreThan(smallestUuidOf(new Date(since.getTime() - WRITTEN_WITHIN_MS)))] : []),
    ...(until ? [LessThan(smallestUuidOf(new Date(until.getTime() + WRITTEN_WITHIN_MS)))] : []),
  ];
}
