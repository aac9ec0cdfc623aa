import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { LifecycleStage, LifecycleTrigger } from './lifecycle-stage.js';

/** One change of stage; the first has no stage before it. */
@Entity('lifecycle_transitions')
@Index('idx_lifecycle_transitions_customer_id', ['customerId'])
export class LifecycleTransition {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_lifecycle_transitions' })
  id: string;

  @Column('uuid')
  @ForeignKey('Customer', { name: 'fk_lifecycle_transitions_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('text', { nullable: true })
  fromStage: LifecycleStage | null;

  @Column('text')
  toStage: LifecycleStage;

  @Column('text')
  trigger: LifecycleTrigger;

  @Column('timestamptz')
  occurredAt: Date;
}
