import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';

const PRIMARY_KEY = 'pk_customer_predictions';

/** The present score of a customer. Its reasons are computed on demand from what was known at `scoredAt`. */
@Entity('customer_predictions')
@Index('idx_customer_predictions_score', ['target', 'score', 'customerId'])
export class CustomerPrediction {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  customerId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  target: PredictionTarget;

  /** A probability. */
  @Column('double precision')
  score: number;

  @Column('uuid')
  modelId: string;

  /** The moment of which the score is. A scoring that finds the same score does not write it. */
  @Column('timestamptz')
  scoredAt: Date;

  /** Whether the customer is kept out of interventions, so that predictions can be compared with outcomes. */
  @Column('boolean')
  isHeldOut: boolean;

  /** When the score was last noted in `prediction_outcomes`. */
  @Column('timestamptz', { nullable: true })
  notedAt: Date | null;
}
