import type { DomainEvent } from '../domain-event.js';

/** A key of the API was created, rotated (another one took its place) or revoked. */
export class ApiKeyChanged implements DomainEvent {
  static readonly eventName = 'api_key.changed';
  readonly eventName = ApiKeyChanged.eventName;

  constructor(
    readonly keyId: string,
    readonly act: 'created' | 'rotated' | 'revoked',
    /** What there is to tell of it; nothing that opens. */
    readonly key: { name: string; role: string; prefix: string; expiresAt: Date | null; replacedBy?: string },
  ) {
    Object.freeze(this);
  }
}
