import type { DomainEvent } from './domain-event.js';

/** Rows older than their retention period were removed. */
export class RowsPurged implements DomainEvent {
  static readonly eventName = 'rows.purged';
  readonly eventName = RowsPurged.eventName;

  constructor(
    readonly table: string,
    /** How many rows were deleted, or had a column cleared. */
    readonly count: number,
    readonly retention: Readonly<{ days: number; column?: string }>,
  ) {
    Object.freeze(this);
  }
}
