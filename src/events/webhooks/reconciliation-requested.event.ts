import type { DomainEvent } from '../domain-event.js';

/** A comparison with Stripe was started, resumed or cancelled, by an operator or by the schedule. */
export class ReconciliationRequested implements DomainEvent {
  static readonly eventName = 'reconciliation.requested';
  readonly eventName = ReconciliationRequested.eventName;

  constructor(
    readonly reconciliationId: string,
    readonly act: 'started' | 'resumed' | 'cancelled',
    readonly source: 'admin_api' | 'cli' | 'schedule',
    readonly details: Readonly<{ since: string | null; notify: boolean; dryRun: boolean }>,
  ) {
    Object.freeze(this);
  }
}
