import type { DomainEvent } from './domain-event.js';

/** An operator act that has no fact of its own, such as retrying a job or resuming a channel. */
export class OperatorActed implements DomainEvent {
  static readonly eventName = 'operator.acted';
  readonly eventName = OperatorActed.eventName;

  constructor(
    /** `job.retried`, `channel.resumed`, … */
    readonly action: string,
    readonly object: Readonly<{ type: string; id: string }>,
    readonly details: Readonly<Record<string, string | null>>,
  ) {
    Object.freeze(this);
  }
}
