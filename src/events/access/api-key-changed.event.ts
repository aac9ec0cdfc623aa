import type { DomainEvent } from '../domain-event.js';

/** An API key was created, rotated (replaced by a new key) or revoked. */
export class ApiKeyChanged implements DomainEvent {
  static readonly eventName = 'api_key.changed';
  readonly eventName = ApiKeyChanged.eventName;

  constructor(
    readonly keyId: string,
    readonly act: 'created' | 'rotated' | 'revoked',
    /** The key's description, without its secret. */
    readonly key: { name: string; role: string; prefix: string; expiresAt: Date | null; replacedBy?: string },
  ) {
    Object.freeze(this);
  }
}
