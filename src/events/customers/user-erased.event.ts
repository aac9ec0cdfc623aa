import type { DomainEvent } from '../domain-event.js';

/**
 * A MINGUS user is being erased; the user's customers already were. MINGUS may create the user again later.
 */
export class UserErased implements DomainEvent {
  static readonly eventName = 'user.erased';
  readonly eventName = UserErased.eventName;

  constructor(
    readonly userId: string,
    /** All known mail addresses of the person. */
    readonly addresses: readonly string[],
    /** A random id for what the user did that still counts. Nothing leads from it to the user. */
    readonly pseudonym: string,
  ) {
    Object.freeze(this);
  }
}
