import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import {
  LIFECYCLE_STAGES,
  type LifecycleStage,
  type Milestone,
} from '../events/lifecycle/lifecycle-names.js';
import type { Risk } from './lifecycle-stage.js';
import type { Milestones } from './milestones.js';

/** A customer's current stage, and the milestones reached so far. */
@Entity('customer_lifecycles')
@Index('idx_customer_lifecycles_stage', ['stage', 'customerId'], { where: `stage <> 'onboarding'` })
@Check(
  'ck_customer_lifecycles_stage',
  `stage in (${LIFECYCLE_STAGES.map((stage) => `'${stage}'`).join(', ')})`,
)
export class CustomerLifecycle {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_lifecycles' })
  @ForeignKey('Customer', { name: 'fk_customer_lifecycles_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('text')
  stage: LifecycleStage;

  /** When the customer entered the stage, by Stripe's time. */
  @Column('timestamptz')
  stageEnteredAt: Date;

  /** When that was written down here. */
  @Column('timestamptz', { default: () => 'now()' })
  stageRecordedAt: Date;

  /** Why the customer may leave. */
  @Column('jsonb', { default: [] })
  risks: Risk[];

  /** When each milestone was reached (ISO 8601). Rows of earlier releases hold null for those that were not. */
  @Column('jsonb')
  milestones: Partial<Milestones>;

  /** When each milestone was first written down here; milestones that are not reached are missing. */
  @Column('jsonb', { default: {} })
  milestonesRecorded: Partial<Record<Milestone, string>>;
}
