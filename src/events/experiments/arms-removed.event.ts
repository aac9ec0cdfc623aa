import type { DomainEvent } from '../domain-event.js';

/** The arms of users were removed, because their experiments were decided long ago. */
export class ArmsRemoved implements DomainEvent {
  static readonly eventName = 'arms.removed';
  readonly eventName = ArmsRemoved.eventName;

  constructor(readonly userIds: readonly string[]) {
    Object.freeze(this);
  }
}
