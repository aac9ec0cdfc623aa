import type { CreationMethod } from '../../events/stripe-customer.js';

/** A verified event, its envelope read and its object untouched. */
export interface ReceivedEvent {
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
  /** `data.object`, whatever it is. */
  object: unknown;
  /** The raw body as received. */
  body: string;
}

/** Objects nested deeper than this are not processed; Stripe's own stay below 10 levels. */
const DEPTH_MAX = 64;
const PRINTABLE = /^[\x21-\x7e]{1,255}$/;
const LAST_UNIX_SECOND = 253_402_300_799;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads an event's envelope. Null when the bytes are not a Stripe event, whatever they are. */
export function parseReceivedEvent(bytes: Buffer, receivedAt: Date): ReceivedEvent | null {
  const body = decode(bytes);
  if (body === null) return null;
  const event = parseJson(body);
  if (!isRecord(event)) return null;
  const { id, type } = event;
  if (typeof id !== 'string' || !PRINTABLE.test(id) || typeof type !== 'string' || !PRINTABLE.test(type))
    return null;
  const request = isRecord(event.request) ? event.request : { id: event.request };
  const requestId = textOrNull(request.id);
  return {
    stripeEventId: id,
    type,
    livemode: typeof event.livemode === 'boolean' ? event.livemode : null,
    apiVersion: textOrNull(event.api_version),
    account: textOrNull(event.account),
    requestId,
    creationMethod: requestId ? 'api' : 'dashboard_or_automatic',
    stripeCreatedAt: toIsoTime(event.created),
    receivedAt,
    object: isRecord(event.data) ? storable(event.data.object, body) : undefined,
    body,
  };
}

/** Unix seconds as ISO 8601; null for anything else. */
export function toIsoTime(seconds: unknown): string | null {
  if (!Number.isInteger(seconds)) return null;
  const value = seconds as number;
  return value >= 0 && value <= LAST_UNIX_SECOND ? new Date(value * 1000).toISOString() : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a parsed value nests deeper than the service processes. Never recurses further than that. */
export function isTooDeep(value: unknown, depth = DEPTH_MAX): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((child) => isTooDeep(child, depth - 1));
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

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && PRINTABLE.test(value) ? value : null;
}

/** NUL and lone surrogates are valid JSON that PostgreSQL cannot hold; the raw body keeps them. */
function storable(value: unknown, body: string): unknown {
  const suspicious = /\\u(?:0000|d[89a-f])/i.test(body);
  return suspicious && !isTooDeep(value) ? replaceUnstorable(value) : value;
}

function replaceUnstorable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\uFFFD');
  if (Array.isArray(value)) return value.map(replaceUnstorable);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [replaceUnstorable(key), replaceUnstorable(child)]),
  );
}
