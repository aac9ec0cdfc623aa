import type { CreationMethod, EventImport } from '../../events/stripe-customer.js';

/** A verified event with a parsed envelope and an unchecked object. */
export interface ReceivedEvent {
  /**
   * A snapshot event contains its object, a thin event only names it. They come from two destinations in
   * Stripe.
   */
  kind: 'snapshot' | 'thin';
  stripeEventId: string;
  type: string;
  livemode: boolean | null;
  apiVersion: string | null;
  /** Connect account. */
  account: string | null;
  requestId: string | null;
  creationMethod: CreationMethod;
  stripeCreatedAt: string | null;
  receivedAt: Date;
  /** The time of the object's state in the event (ISO 8601). */
  stateAt: string;
  /** The source of that state: the event's type, or `api` once the object has been fetched. */
  stateToldBy: string;
  /**
   * A snapshot event's `data.object`, of any shape. A thin event has none (undefined) until it is fetched;
   * null means that Stripe does not have it.
   */
  object: unknown;
  /** A snapshot event's `data.previous_attributes`: what an update has changed. Null where there is none. */
  previousAttributes: Record<string, unknown> | null;
  /** The object that a thin event names; null for snapshot events. */
  relatedObject: RelatedObject | null;
  /** The id of the snapshot event about the same change as this thin event. */
  snapshotEventId: string | null;
  /** Null when Stripe delivered it. */
  imported: EventImport | null;
  /** The raw body as received. */
  body: string;
}

/** The reference to an object in a thin event. */
export interface RelatedObject {
  id: string;
  type: string;
}

/** Objects nested deeper than this are not processed; Stripe's own stay below 10 levels. */
const DEPTH_MAX = 64;
const PRINTABLE = /^[\x21-\x7e]{1,255}$/;
const LAST_UNIX_SECOND = 253_402_300_799;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads an event's envelope. Null when the bytes are not a Stripe event. */
export function parseReceivedEvent(bytes: Buffer, receivedAt: Date): ReceivedEvent | null {
  const body = decode(bytes);
  if (body === null) return null;
  const event = parseJson(body);
  if (!isRecord(event)) return null;
  const { id, type } = event;
  if (typeof id !== 'string' || !PRINTABLE.test(id) || typeof type !== 'string' || !PRINTABLE.test(type))
    return null;
  const envelope = event.object === 'v2.core.event' ? readThin(event) : readSnapshot(event, body);
  return {
    kind: envelope.kind,
    stripeEventId: id,
    type,
    livemode: typeof event.livemode === 'boolean' ? event.livemode : null,
    apiVersion: textOrNull(event.api_version),
    creationMethod: envelope.requestId ? 'api' : 'dashboard_or_automatic',
    receivedAt,
    stateAt: envelope.stripeCreatedAt ?? receivedAt.toISOString(),
    stateToldBy: type,
    imported: null,
    account: envelope.account,
    requestId: envelope.requestId,
    stripeCreatedAt: envelope.stripeCreatedAt,
    object: envelope.object,
    previousAttributes: envelope.previousAttributes,
    relatedObject: envelope.relatedObject,
    snapshotEventId: envelope.snapshotEventId,
    body,
  };
}

/** The fields that snapshot and thin events have in different places. */
type Envelope = Pick<
  ReceivedEvent,
  | 'kind'
  | 'account'
  | 'requestId'
  | 'stripeCreatedAt'
  | 'object'
  | 'previousAttributes'
  | 'relatedObject'
  | 'snapshotEventId'
>;

function readSnapshot(event: Record<string, unknown>, body: string): Envelope {
  const request = isRecord(event.request) ? event.request : { id: event.request };
  const previous = isRecord(event.data) ? storable(event.data.previous_attributes, body) : undefined;
  return {
    kind: 'snapshot',
    account: textOrNull(event.account),
    requestId: textOrNull(request.id),
    stripeCreatedAt: toIsoTime(event.created),
    object: isRecord(event.data) ? storable(event.data.object, body) : undefined,
    previousAttributes: isRecord(previous) && !isTooDeep(previous) ? previous : null,
    relatedObject: null,
    snapshotEventId: null,
  };
}

/** https://docs.stripe.com/event-destinations#thin-events */
function readThin({ context, created, reason, ...event }: Record<string, unknown>): Envelope {
  const request = isRecord(reason) && isRecord(reason.request) ? reason.request : {};
  return {
    kind: 'thin',
    account: textOrNull(context),
    requestId: textOrNull(request.id),
    stripeCreatedAt: readIsoTime(created),
    object: undefined,
    previousAttributes: null,
    relatedObject: readRelatedObject(event.related_object),
    snapshotEventId: textOrNull(event.snapshot_event),
  };
}

/** Reads the reference; null if there is none. */
export function readRelatedObject(value: unknown): RelatedObject | null {
  const { id, type } = isRecord(value) ? value : {};
  const related = { id: textOrNull(id), type: textOrNull(type) };
  return related.id !== null && related.type !== null ? (related as RelatedObject) : null;
}

/** Unix seconds as ISO 8601; null for anything else. */
export function toIsoTime(seconds: unknown): string | null {
  if (!Number.isInteger(seconds)) return null;
  const value = seconds as number;
  return value >= 0 && value <= LAST_UNIX_SECOND ? new Date(value * 1000).toISOString() : null;
}

/** ISO 8601 in UTC with at most milliseconds; null for anything else, and for days that do not exist. */
function readIsoTime(text: unknown): string | null {
  if (typeof text !== 'string' || !ISO_TIME.test(text)) return null;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return null;
  return time.toISOString().startsWith(text.slice(0, 19)) ? time.toISOString() : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a parsed value nests deeper than the service processes. Recurses no deeper than that. */
export function isTooDeep(value: unknown, depth = DEPTH_MAX): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  for (const key in value) if (isTooDeep((value as Record<string, unknown>)[key], depth - 1)) return true;
  return false;
}

function decode(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && PRINTABLE.test(value) ? value : null;
}

function storable(value: unknown, body: string): unknown {
  const suspicious = body.includes('\\u') && /\\u(?:0000|d[89a-f])/i.test(body);
  return suspicious ? toStorable(value) : value;
}

/** An object of Stripe's SDK as events contain it: the SDK turns decimal texts into objects. */
export function asInEvents(object: object): unknown {
  return toStorable(JSON.parse(JSON.stringify(object)));
}

/** NUL and lone surrogates are valid JSON that PostgreSQL cannot hold; the raw body keeps them. */
export function toStorable(value: unknown): unknown {
  return isTooDeep(value) ? value : replaceUnstorable(value);
}

function replaceUnstorable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\uFFFD');
  if (Array.isArray(value)) return value.map(replaceUnstorable);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [replaceUnstorable(key), replaceUnstorable(child)]),
  );
}
