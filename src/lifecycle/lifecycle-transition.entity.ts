import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { LifecycleStage, LifecycleTrigger } from './lifecycle-stage.js';

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

  @Column('timestamptz')
  occurredAt: Date;
}
