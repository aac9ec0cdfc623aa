import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { Finding } from './watchdog-check.js';

/** What a check of the watchdog found last: one row per check, shown by every process. */
@Entity('watchdog_findings')
@Check('ck_watchdog_findings_state', `state in ('ok', 'warning', 'unknown')`)
export class WatchdogFinding {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_watchdog_findings' })
  name: string;

  @Column('text')
  state: Finding['state'];

  @Column('text')
  detail: string;

  /** Runs in a row in which Stripe gave no answer. */
  @Column('integer')
  failedRuns: number;

  @Column('timestamptz')
  checkedAt: Date;

  /** Since when it has been in this state. */
  @Column('timestamptz')
  since: Date;
}
