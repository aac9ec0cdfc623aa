import type { DomainEvent } from '../domain-event.js';

/** MINGUS reported that a customer reached a milestone. */
export class MilestoneReached implements DomainEvent {
  static readonly eventName = 'milestone.reached';
  readonly eventName = MilestoneReached.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly userId: string,
    readonly milestone: string,
    readonly reachedAt: Date,
  ) {
    Object.freeze(this);
  }
}
