import type { DomainEvent } from '../domain-event.js';

/** Requests that were refused alike: to one route, for one reason, of one client. */
export interface RefusedRequests {
  /** `POST /webhooks/stripe` */
  route: string;
  /** One word: `missing`, `wrong`, `role`, … for a key, `signature_…` for a signature. */
  reason: string;
  /** The address, or the /64 network of an IPv6 client; null for several, where there were too many to tell apart. */
  network: string | null;
  /** Whose key it was; null where that is not known. */
  caller: Readonly<{ id: string; name: string }> | null;
  count: number;
  /** ISO 8601. */
  firstAt: string;
  lastAt: string;
}

/** Access was refused in the last seconds. */
export class RequestsRefused implements DomainEvent {
  static readonly eventName = 'requests.refused';
  readonly eventName = RequestsRefused.eventName;

  constructor(readonly refusals: readonly Readonly<RefusedRequests>[]) {
    Object.freeze(this);
  }
}
