import type { RecordedBehaviour } from '../../events/behaviour/behaviour-recorded.event.js';

/** A row of the stream. */
export interface StoredEvent {
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
  const byPerson = new Map<string, Map<string, string>>();
  for (const { personId, name, occurredAt } of events.toSorted((a, b) => a.occurredAt - b.occurredAt)) {
    if (personId === null) continue;
    const lastAt = byPerson.get(personId) ?? new Map<string, string>();
    byPerson.set(personId, lastAt.set(name, new Date(occurredAt).toISOString()));
  }
  return [...byPerson].map(([personId, lastAt]) => ({ userId: userIds.get(personId) as string, lastAt }));
}
