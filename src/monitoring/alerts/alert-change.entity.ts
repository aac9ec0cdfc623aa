import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AlertName } from '../../platform/config/alert-thresholds.js';
import type { AlertState } from './evaluation/alert-condition.js';

/** The history of alerts, and what is still to be told of it. */
@Entity('alert_changes')
@Check('ck_alert_changes_change', `change in ('inactive', 'pending', 'firing', 'reminded', 'resolved')`)
@Index('idx_alert_changes_untold', ['id'], { where: `routes_left <> '{}'` })
export class AlertChange {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_alert_changes' })
  id: string;

  @Column('text')
  name: AlertName;

  /** What it became; `reminded`: it still fires, and nobody has acknowledged it. */
  @Column('text')
  change: AlertState | 'reminded';

  @Column('double precision')
  value: number;

  @Column('text')
  detail: string;

  @Column('timestamptz')
  occurredAt: Date;

  /** The routes that have not taken it yet. */
  @Column('text', { array: true })
  routesLeft: string[];

  /** Until then a process is telling it. */
  @Column('timestamptz', { nullable: true })
  claimedUntil: Date | null;
}
