import type { DomainEvent } from '../domain-event.js';

/** MINGUS had arms of experiments assigned to a user. Those that a creation assigns are in the fact about it. */
export class ArmsAssigned implements DomainEvent {
  static readonly eventName = 'arms.assigned';
  readonly eventName = ArmsAssigned.eventName;

  constructor(
    readonly userId: string,
    readonly arms: readonly Readonly<{ experiment: string; arm: string }>[],
  ) {
    Object.freeze(this);
  }
}
