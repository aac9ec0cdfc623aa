import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AlertName } from './declarations/alert-declarations.js';
import type { AlertState } from './alert-condition.js';

/** The history of alerts, with the notices that still have to be sent. */
@Entity('alert_changes')
@Check('ck_alert_changes_change', `change in ('inactive', 'pending', 'firing', 'reminded', 'resolved')`)
@Index('idx_alert_changes_untold', ['id'], { where: `routes_left <> '{}'` })
export class AlertChange {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_alert_changes' })
  id: string;

  @Column('text')
  name: AlertName;

  /** The new state. `reminded`: the alert still fires and is not acknowledged. */
  @Column('text')
  change: AlertState | 'reminded';

  @Column('double precision')
  value: number;

  @Column('text')
  detail: string;

  @Column('timestamptz')
  occurredAt: Date;

  /** The routes that have not sent the notice yet. */
  @Column('text', { array: true })
  routesLeft: string[];

  /** A process sends the notice until this time. */
  @Column('timestamptz', { nullable: true })
  claimedUntil: Date | null;
}
