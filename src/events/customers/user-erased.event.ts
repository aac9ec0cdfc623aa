import type { DomainEvent } from '../domain-event.js';

/** A MINGUS user is to be forgotten, their customers have been. MINGUS may tell of them anew. */
export class UserErased implements DomainEvent {
  static readonly eventName = 'user.erased';
  readonly eventName = UserErased.eventName;

  constructor(
    readonly userId: string,
    /** All mail addresses that are known of the person. */
    readonly addresses: readonly string[],
  ) {
    Object.freeze(this);
  }
}
