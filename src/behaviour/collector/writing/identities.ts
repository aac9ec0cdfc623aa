import type { EntityManager } from 'typeorm';
import type { CollectedEvent } from '../reading/collected-event.js';
import { ADD_PEOPLE, JOIN, PEOPLE, PEOPLE_BEHIND } from './collector.queries.js';

interface Person {
  personId: string;
  userId: string;
}

/** The people behind the events of a transaction. */
export class Identities {
  private constructor(
    private readonly people: ReadonlyMap<string, string>,
    private readonly behind: ReadonlyMap<string, string>,
    /** Person → user. */
    readonly userIds: ReadonlyMap<string, string>,
    /** People who turned out by these events to be behind anonymous ids. */
    readonly newlyJoined: readonly string[],
  ) {}

  /** Finds or adds the people. Joins the anonymous ids to them that identify, alias, or an event with both ids names. */
  static async of(manager: EntityManager, events: readonly CollectedEvent[]): Promise<Identities> {
    const people = await peopleOf(manager, [...new Set(events.flatMap(({ userId }) => userId ?? []))]);
    const joins = new Map<string, string>();
    for (const { joinedIds, userId } of events) {
      const personId = userId !== null && people.get(userId);
      for (const id of joinedIds) if (personId && !joins.has(id)) joins.set(id, personId);
    }
    const joined =
      joins.size === 0
        ? []
        : await manager.query<{ personId: string }[]>(JOIN, [[...joins.keys()], [...joins.values()]]);
    const nameless = events.flatMap(({ userId, anonymousId }) =>
      userId === null && anonymousId !== null ? anonymousId : [],
    );
    const behind =
      nameless.length === 0
        ? []
        : await manager.query<(Person & { anonymousId: string })[]>(PEOPLE_BEHIND, [[...new Set(nameless)]]);
    return new Identities(
      people,
      new Map(behind.map(({ anonymousId, personId }) => [anonymousId, personId])),
      new Map([
        ...[...people].map(([userId, personId]) => [personId, userId] as const),
        ...behind.map(({ personId, userId }) => [personId, userId] as const),
      ]),
      [...new Set(joined.map(({ personId }) => personId))],
    );
  }

  /** The person of an event; null while only an anonymous id is known. A user id prevails over an anonymous id. */
  personOf({ userId, anonymousId }: CollectedEvent): string | null {
    const known = userId === null ? this.behind.get(anonymousId ?? '') : this.people.get(userId);
    return known ?? null;
  }
}

/** User → person. A user that another transaction adds at the same time is read again. */
async function peopleOf(
  manager: EntityManager,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const people = new Map<string, string>();
  for (let missing = userIds; missing.length > 0; missing = userIds.filter((id) => !people.has(id))) {
    const known = await manager.query<Person[]>(PEOPLE, [missing]);
    for (const { userId, personId } of known) people.set(userId, personId);
    const unknown = missing.filter((id) => !people.has(id));
    if (unknown.length === 0) break;
    const added = await manager.query<Person[]>(ADD_PEOPLE, [unknown]);
    for (const { userId, personId } of added) people.set(userId, personId);
  }
  return people;
}
