import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { LifecycleStage, Milestones } from './lifecycle-stage.js';

/** Where a customer stands, and what they have reached so far. */
@Entity('customer_lifecycles')
@Check('ck_customer_lifecycles_stage', `stage in ('onboarding', 'active', 'at_risk', 'churned')`)
export class CustomerLifecycle {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_lifecycles' })
  @ForeignKey('Customer', { name: 'fk_customer_lifecycles_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('text')
  stage: LifecycleStage;

  @Column('timestamptz')
  stageEnteredAt: Date;

  @Column('jsonb')
  milestones: Milestones;
}
