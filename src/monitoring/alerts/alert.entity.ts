import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { AlertName } from './declarations/alert-declarations.js';
import type { AlertState } from './alert-condition.js';

/** The state of an alert. Each evaluation writes the row of each alert. */
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

  /** The latest value. */
  @Column('double precision')
  value: number;

  /** The value in words. */
  @Column('text')
  detail: string;

  @Column('timestamptz')
  evaluatedAt: Date;

  /** The time of the last notice that the alert fires; null if no notice is due. */
  @Column('timestamptz', { nullable: true })
  toldAt: Date | null;

  /** The operator who acknowledged the alert. No reminders are sent until it fires again. */
  @Column('text', { nullable: true })
  acknowledgedBy: string | null;

  @Column('timestamptz', { nullable: true })
  silencedUntil: Date | null;

  @Column('text', { nullable: true })
  silenceReason: string | null;
}
