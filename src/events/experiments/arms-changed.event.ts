import type { DomainEvent } from '../domain-event.js';

/** Users got arms of experiments, or their arms were deleted, without the creation of a customer. */
export class ArmsChanged implements DomainEvent {
  static readonly eventName = 'arms.changed';
  readonly eventName = ArmsChanged.eventName;

  constructor(readonly userIds: readonly string[]) {
    Object.freeze(this);
  }
}
