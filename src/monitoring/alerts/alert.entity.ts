import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { AlertName } from '../../platform/config/alert-thresholds.js';
import type { AlertState } from './evaluation/alert-condition.js';

/** How an alert stands; one row each, written at each evaluation. */
@Entity('alerts')
@Check('ck_alerts_state', `state in ('inactive', 'pending', 'firing', 'resolved')`)
export class Alert {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_alerts' })
  name: AlertName;

  @Column('text')
  state: AlertState;

  @Column('timestamptz')
  since: Date;

  @Column('timestamptz', { nullable: true })
  clearSince: Date | null;

  /** As measured last. */
  @Column('double precision')
  value: number;

  /** The value in words. */
  @Column('text')
  detail: string;

  @Column('timestamptz')
  evaluatedAt: Date;

  /** When people were told last that it fires; null while they need not know. */
  @Column('timestamptz', { nullable: true })
  toldAt: Date | null;

  /** Who knows of it: no reminders until it fires again. */
  @Column('text', { nullable: true })
  acknowledgedBy: string | null;

  @Column('timestamptz', { nullable: true })
  silencedUntil: Date | null;

  @Column('text', { nullable: true })
  silenceReason: string | null;
}
