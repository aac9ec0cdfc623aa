import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { Finding } from './watchdog-check.js';

/** The latest finding of each check of the watchdog. Every process shows these rows. */
@Entity('watchdog_findings')
@Check('ck_watchdog_findings_state', `state in ('ok', 'warning', 'unknown')`)
export class WatchdogFinding {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_watchdog_findings' })
  name: string;

  @Column('text')
  state: Finding['state'];

  @Column('text')
  detail: string;

  /** The number of consecutive runs without an answer of Stripe. */
  @Column('integer')
  failedRuns: number;

  @Column('timestamptz')
  checkedAt: Date;

  /** The start of the present state. */
  @Column('timestamptz')
  since: Date;
}
