import type { RecordedBehaviour } from '../../../events/behaviour/behaviour-recorded.event.js';

/** A row of the stream. */
export interface StoredEvent {
  eventId: string;
  /** Null while only an anonymous id is known. */
  personId: string | null;
  name: string;
  /** Milliseconds since 1970. */
  occurredAt: number;
}

/** Sums up stored events by person. Events without a person are left out. */
export function recordedBehaviourOf(
  events: readonly StoredEvent[],
  userIds: ReadonlyMap<string, string>,
): RecordedBehaviour[] {
  const byPerson = new Map<string, { names: Set<string>; earliest: number; last: StoredEvent }>();
  for (const event of events) {
    if (event.personId === null) continue;
    const sum = byPerson.get(event.personId);
    if (!sum) {
      byPerson.set(event.personId, {
        names: new Set([event.name]),
        earliest: event.occurredAt,
        last: event,
      });
      continue;
    }
    sum.names.add(event.name);
    sum.earliest = Math.min(sum.earliest, event.occurredAt);
    if (isLater(event, sum.last)) sum.last = event;
  }
  return [...byPerson].map(([personId, { names, earliest, last }]) => ({
    userId: userIds.get(personId) as string,
    names: [...names],
    earliestAt: new Date(earliest).toISOString(),
    eventId: last.eventId,
  }));
}

function isLater(event: StoredEvent, other: StoredEvent): boolean {
  if (event.occurredAt !== other.occurredAt) return event.occurredAt > other.occurredAt;
  return Number(event.eventId) > Number(other.eventId);
}
