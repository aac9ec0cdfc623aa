import type { DomainEvent } from '../domain-event.js';

/** A MINGUS user now exists. Customers that waited for the user can be set up. */
export class UserArrived implements DomainEvent {
  static readonly eventName = 'user.arrived';
  readonly eventName = UserArrived.eventName;

  constructor(
    readonly userId: string,
    /** The user id as stored in the events that wait for this user. */
    readonly awaitedAs: string,
    /** The user as stored in our table; null for a user of `USERS_TABLE`, who was only announced. */
    readonly stored: Readonly<{ email: string; name: string | null; createdAt: Date }> | null,
  ) {
    Object.freeze(this);
  }
}
