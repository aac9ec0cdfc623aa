import type { DomainEvent } from './domain-event.js';

/** What was older than it is kept has been removed. */
export class RowsPurged implements DomainEvent {
  static readonly eventName = 'rows.purged';
  readonly eventName = RowsPurged.eventName;

  constructor(
    readonly table: string,
    /** How many rows are gone, or have lost a column. */
    readonly count: number,
    readonly retention: Readonly<{ days: number; column?: string }>,
  ) {
    Object.freeze(this);
  }
}
