import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';

/** A score that was noted to be compared with what happened, once its window has closed. */
@Entity('prediction_outcomes')
@Index('idx_prediction_outcomes_customer_id', ['customerId'])
@Index('idx_prediction_outcomes_open', ['target', 'windowEndsAt'], { where: 'outcome is null' })
export class PredictionOutcome {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_prediction_outcomes' })
  id: string;

  /** Null after the customer was erased. */
  @Column('uuid', { nullable: true })
  customerId: string | null;

  @Column('text')
  target: PredictionTarget;

  /** The moment of the score. */
  @Column('timestamptz')
  t0: Date;

  @Column('double precision')
  score: number;

  @Column('uuid')
  modelId: string;

  @Column('boolean')
  isHeldOut: boolean;

  @Column('timestamptz')
  windowEndsAt: Date;

  /** Whether it happened; null while the window is open, and for three days after that. */
  @Column('boolean', { nullable: true })
  outcome: boolean | null;
}
