import type { DomainEvent } from '../domain-event.js';

/** Refused requests with the same route, reason and client. */
export interface RefusedRequests {
  /** `POST /webhooks/stripe` */
  route: string;
  /** A single word: `missing`, `wrong`, `role`, … for a key; `signature_…` for a signature. */
  reason: string;
  /**
   * The client's IPv4 address, or its /64 network for IPv6. Null if requests of several clients were counted
   * together.
   */
  network: string | null;
  /** The key that was used; null if it is unknown. */
  caller: Readonly<{ id: string; name: string }> | null;
  count: number;
  /** ISO 8601. */
  firstAt: string;
  lastAt: string;
}

/** Requests were refused in the last few seconds. */
export class RequestsRefused implements DomainEvent {
  static readonly eventName = 'requests.refused';
  readonly eventName = RequestsRefused.eventName;

  constructor(readonly refusals: readonly Readonly<RefusedRequests>[]) {
    Object.freeze(this);
  }
}
