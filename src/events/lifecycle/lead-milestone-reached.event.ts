import type { DomainEvent } from '../domain-event.js';

/** MINGUS reported that a user without a customer reached a milestone. */
export class LeadMilestoneReached implements DomainEvent {
  static readonly eventName = 'lead_milestone.reached';
  readonly eventName = LeadMilestoneReached.eventName;

  constructor(
    readonly userId: string,
    readonly milestone: string,
    readonly reachedAt: Date,
  ) {
    Object.freeze(this);
  }
}
