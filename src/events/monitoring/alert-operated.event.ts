import type { DomainEvent } from '../domain-event.js';

/** An operator acknowledged or silenced an alert. */
export class AlertOperated implements DomainEvent {
  static readonly eventName = 'alert.operated';
  readonly eventName = AlertOperated.eventName;

  constructor(
    readonly name: string,
    readonly act: 'acknowledged' | 'silenced' | 'unsilenced',
    readonly details: { until?: string; reason?: string },
  ) {
    Object.freeze(this);
  }
}
