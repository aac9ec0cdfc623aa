import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface FakeSegmentEvent {
  type: 'identify' | 'track';
  messageId?: string;
  userId?: string;
  anonymousId?: string;
  event?: string;
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  timestamp?: string;
}

const EVENTS_MAX = 2500;
const BATCH_BYTES_MAX = 500 * 1024;
const EVENT_BYTES_MAX = 32 * 1024;
const REGULATIONS = new Set(['DELETE_ONLY', 'SUPPRESS_ONLY', 'SUPPRESS_WITH_DELETE', 'UNSUPPRESS']);

/**
 * Segment's tracking API and the part of its Public API that deletes persons. As the documentation says, it answers 200
 * to events that it then drops. A receiver like RudderStack, which checks write keys, is `checksKeys`.
 */
export class FakeSegment extends FakeSystem {
  /** What was tracked, once per `messageId`. */
  readonly events: FakeSegmentEvent[] = [];
  /** Why events were dropped after a 200. */
  readonly dropped: string[] = [];
  readonly users = new Map<string, Record<string, unknown>>();
  readonly suppressed = new Set<string>();
  writeKey = 'write-key';
  publicApiToken = 'public-token';
  checksKeys = false;
  private readonly seen = new Set<string | undefined>();

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { method, path } = request;
    if (method === 'POST' && path === '/v1/batch') return this.batch(request);
    if (request.headers.authorization !== `Bearer ${this.publicApiToken}`)
      return failure(401, 'unauthorized', 'Unauthorized');
    if (method === 'GET' && path === '/')
      return { status: 200, body: { data: { workspace: { id: '9aQ1Lj62S4', name: 'Test', slug: 'test' } } } };
    if (method === 'POST' && path === '/regulations') return this.regulate(request.body);
    return failure(404, 'not-found', path);
  }

  private batch({ headers, body }: ReceivedRequest): FakeAnswer {
    const credential = Buffer.from(`${this.writeKey}:`).toString('base64');
    const isKnown = headers.authorization === `Basic ${credential}`;
    if (!isKnown && this.checksKeys) return { status: 401, body: 'Invalid Write Key' };
    const { batch } = (body ?? {}) as { batch?: FakeSegmentEvent[] };
    if (!Array.isArray(batch) || sizeOf(body) > BATCH_BYTES_MAX)
      return { status: 400, body: { success: false, message: 'malformed or too large' } };
    for (const event of batch) {
      const reason = isKnown ? this.reasonToDrop(event, batch.length) : 'write key';
      if (reason) this.dropped.push(reason);
      else this.track(event);
    }
    return { status: 200, body: { success: true } };
  }

  private reasonToDrop(event: FakeSegmentEvent, count: number): string | null {
    if (count > EVENTS_MAX) return 'too many events';
    if (!event.userId && !event.anonymousId) return 'no_user_anon_id';
    if (event.type === 'track' && !event.event) return 'no event';
    if ((event.messageId ?? '').length >= 100) return 'messageId';
    if (sizeOf(event) > EVENT_BYTES_MAX) return 'too large';
    if (this.suppressed.has(event.userId ?? '')) return 'suppressed';
    return this.seen.has(event.messageId) ? 'duplicate' : null;
  }

  private track(event: FakeSegmentEvent): void {
    this.events.push(event);
    this.seen.add(event.messageId);
    const { type, userId = '', traits = {} } = event;
    if (type === 'identify') this.users.set(userId, { ...this.users.get(userId), ...traits });
  }

  private regulate(body: {
    regulationType?: string;
    subjectType?: string;
    subjectIds?: string[];
  }): FakeAnswer {
    const { regulationType = '', subjectType, subjectIds } = body;
    const isValid = REGULATIONS.has(regulationType) && subjectType === 'USER_ID' && subjectIds?.length;
    if (!isValid) return failure(422, 'input-validation', 'Validation failure');
    for (const userId of subjectIds) {
      if (regulationType.startsWith('SUPPRESS')) this.suppressed.add(userId);
      if (regulationType !== 'SUPPRESS_ONLY') this.remove(userId);
    }
    return { status: 200, body: { data: { regulateId: '1qJkfE1tpwvQcklImGksLN629wn' } } };
  }

  private remove(userId: string): void {
    this.users.delete(userId);
    const kept = this.events.filter((event) => event.userId !== userId);
    this.events.splice(0, this.events.length, ...kept);
  }
}

function failure(status: number, type: string, message: string): FakeAnswer {
  return { status, body: { errors: [{ type, message }] } };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
