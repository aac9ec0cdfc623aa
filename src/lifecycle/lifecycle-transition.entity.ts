import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { LifecycleStage } from '../events/lifecycle/lifecycle-names.js';
import type { LifecycleTrigger } from './lifecycle-stage.js';

/** One change of stage; the first has no stage before it. */
@Entity('lifecycle_transitions')
export class LifecycleTransition {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_lifecycle_transitions' })
  @ForeignKey('Customer', { name: 'fk_lifecycle_transitions_customer', onDelete: 'CASCADE' })
  customerId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_lifecycle_transitions' })
  id: string;

  @Column('text', { nullable: true })
  fromStage: LifecycleStage | null;

  @Column('text')
  toStage: LifecycleStage;

  @Column('text')
  trigger: LifecycleTrigger;

  /** The event of Stripe that caused the change; null where another act did, and for rows older than the column. */
  @Column('text', { nullable: true })
  stripeEventId: string | null;

  /** When the stage changed, by Stripe's time. */
  @Column('timestamptz')
  occurredAt: Date;

  /** When the change was written down here. */
  @Column('timestamptz', { default: () => 'now()' })
  recordedAt: Date;

  /** Stripe's time is unknown, and `occurredAt` is our time. */
  @Column('boolean', { default: false })
  isTimeEstimated: boolean;
}
