import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import type { FeatureDrift } from '../models/drift.js';

/** The state of a target: which model serves, and when it was last trained and scored. */
@Entity('prediction_states')
export class PredictionState {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_prediction_states' })
  target: PredictionTarget;

  /** Null until a model was published. */
  @Column('uuid', { nullable: true })
  servingModelId: string | null;

  /** When a training last ended without an error, published or not. */
  @Column('timestamptz', { nullable: true })
  trainedAt: Date | null;

  /** When the last complete scoring began: changes up to then are in the scores. */
  @Column('timestamptz', { nullable: true })
  scoredAt: Date | null;

  /** The model of all present scores; another one serves until the next scoring is complete. */
  @Column('uuid', { nullable: true })
  scoredModelId: string | null;

  /** When the scoring of all customers with another model began; null while none is under way. */
  @Column('timestamptz', { nullable: true })
  wholeScoringAt: Date | null;

  /** The model of that scoring. A repeated run with it goes on, and one with another model begins again. */
  @Column('uuid', { nullable: true })
  wholeScoringModelId: string | null;

  /** How far the features of the last scoring have moved from those of the training. */
  @Column('jsonb', { nullable: true })
  drift: Drift | null;
}

export interface Drift {
  measuredAt: string;
  rows: number;
  /** The greatest index of all features; null for too few rows. */
  psiMax: number | null;
  /** The features with the greatest indices, at most ten. */
  features: FeatureDrift[];
}
