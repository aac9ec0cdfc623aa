import { randomUUID } from 'node:crypto';
import { isReserved } from '../../stream/reserved-names.js';
import { messageKeyOf } from '../../stream/message-key.js';
import { keptContext } from './event-context.js';
import { EventRefusal, type RefusalCode } from './event-refusal.js';
import { occurredAtOf, type Received } from './event-time.js';
import { isObject, isShallow, type JsonObject, toStorable } from './storable-json.js';

/** The calls of the protocol that make one event each. */
export const CALLS = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type Call = (typeof CALLS)[number];

const EVENT_BYTES_MAX = 32 * 1024;
const ID_MAX = 255;
const NAME_MAX = 200;

/** An event of a client that can be stored. */
export interface CollectedEvent {
  messageId: string | null;
  messageKey: string;
  userId: string | null;
  anonymousId: string | null;
  /** The anonymous ids that turn out to be the user: that of the event, and the previous id of an alias. */
  joinedIds: readonly string[];
  type: Call;
  name: string;
  /** Milliseconds since 1970. */
  occurredAt: number;
  properties: JsonObject;
  context: JsonObject;
}

/** What an event arrives with. */
export interface Arrival {
  received: Received;
  sentAt: unknown;
  /** Whether the request is small, so that no event in it can be too large. */
  isSmall: boolean;
  /** Whether the request has only characters that PostgreSQL stores. */
  isStorable: boolean;
}

/** Reads an event of a client. A fault concerns this event alone. */
export function collectedEventOf(raw: unknown, arrival: Arrival): CollectedEvent | EventRefusal {
  if (!isObject(raw)) return new EventRefusal('not_an_object');
  if (!isShallow(raw)) return new EventRefusal('too_deep', idOf(raw.messageId) || null);
  const given = arrival.isStorable ? raw : (toStorable(raw) as JsonObject);
  const messageId = idOf(given.messageId);
  const shown = messageId || null;
  if (messageId === undefined) return new EventRefusal('id_invalid');
  const type = CALLS.find((call) => call === given.type);
  if (!type) return new EventRefusal('type_unknown', shown);
  if (!arrival.isSmall && Buffer.byteLength(JSON.stringify(given)) > EVENT_BYTES_MAX)
    return new EventRefusal('too_large', shown);
  const identity = identityOf(type, given);
  if (typeof identity === 'string') return new EventRefusal(identity, shown);
  const named = nameOf(type, given) ?? objectsOf(given);
  if (named) return new EventRefusal(named, shown);
  const occurredAt = occurredAtOf(given, arrival.sentAt, arrival.received);
  if (typeof occurredAt === 'string') return new EventRefusal(occurredAt, shown);
  return {
    messageId: shown,
    messageKey: messageKeyOf(messageId ?? randomUUID(), identity.userId, identity.anonymousId),
    ...identity,
    type,
    name: type === 'track' ? (given.event as string) : `$${type}`,
    occurredAt,
    properties: propertiesOf(type, given),
    context: keptContext((given.context ?? {}) as JsonObject),
  };
}

type Identity = Pick<CollectedEvent, 'userId' | 'anonymousId' | 'joinedIds'>;

function identityOf(type: Call, given: JsonObject): Identity | RefusalCode {
  const userId = idOf(given.userId);
  const anonymousId = idOf(given.anonymousId);
  const previousId = idOf(given.previousId);
  const groupId = idOf(given.groupId);
  if (userId === undefined || anonymousId === undefined) return 'id_invalid';
  if (previousId === undefined || groupId === undefined) return 'id_invalid';
  if (userId === null && (type === 'alias' || anonymousId === null)) return 'identity_missing';
  if (type === 'group' && groupId === null) return 'group_id_missing';
  if (type === 'alias' && previousId === null) return 'previous_id_missing';
  const joined = [type === 'alias' ? previousId : null, userId === null ? null : anonymousId];
  return { userId, anonymousId, joinedIds: joined.filter((id) => id !== null) };
}

/** Null if there is none, undefined if it is no id. Clients send empty texts for missing ids. */
function idOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' && value.length <= ID_MAX ? value : undefined;
}

/** @returns the fault, if there is one */
function nameOf(type: Call, { event, name, category }: JsonObject): RefusalCode | null {
  if (type === 'track') {
    if (event === undefined || event === null || event === '') return 'event_missing';
    if (!isName(event)) return 'name_invalid';
    return isReserved(event) ? 'name_reserved' : null;
  }
  return [name, category].every((one) => one === undefined || one === null || isName(one))
    ? null
    : 'name_invalid';
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= NAME_MAX;
}

function objectsOf({ properties, traits, context }: JsonObject): RefusalCode | null {
  const areObjects = [properties, traits, context].every(
    (one) => one === undefined || one === null || isObject(one),
  );
  return areObjects ? null : 'object_invalid';
}

/** What differs between the calls is in the properties. */
function propertiesOf(type: Call, given: JsonObject): JsonObject {
  const { name, category, groupId } = given;
  const properties = (given.properties ?? {}) as JsonObject;
  const traits = (given.traits ?? {}) as JsonObject;
  if (type === 'track') return properties;
  if (type === 'identify') return traits;
  if (type === 'group') return { ...traits, groupId };
  // The previous id may be that of another user, whose erasure would have to find it here.
  if (type === 'alias') return {};
  return { ...properties, ...(name ? { name } : {}), ...(category ? { category } : {}) };
}
