import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import type { Vocabulary } from '../features/vocabulary.js';
import type { ModelCard, ModelStatus, TrainedModel } from '../models/trained-model.js';

/** A trained model. It holds statistics of many customers and nothing of one. The newest published one serves. */
@Entity('prediction_models')
@Unique('uq_prediction_models_target_version', ['target', 'version'])
export class PredictionModel {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_prediction_models' })
  id: string;

  @Column('text')
  target: PredictionTarget;

  /** 1 for the first of the target. */
  @Column('integer')
  version: number;

  @Column('text')
  status: ModelStatus;

  @Column('timestamptz')
  trainedAt: Date;

  /** The name of the key that asked for the training; null for the nightly one. */
  @Column('text', { nullable: true })
  trainedBy: string | null;

  @Column('jsonb')
  card: StoredCard;

  /** The values that its features name. */
  @Column('jsonb')
  vocabulary: Vocabulary;

  @Column('jsonb')
  model: Omit<TrainedModel, 'card'>;
}

/** The card of a model without the statistics that only drift is measured with, and with its training data. */
export interface StoredCard extends ModelCard {
  /** About so many rows are read at most. */
  rowsMax: number;
  /** With more rows, all moments of this share of the customers are read. */
  customerShare: number;
  /** Customers at moments older than this are not read. */
  historyDays: number;
}
