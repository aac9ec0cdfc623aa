import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ExperimentCounts } from './count-experiment.js';

/** What the units of an experiment did, as it was counted last. It outlives the units. */
@Entity('experiment_counts')
export class ExperimentCount {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_experiment_counts' })
  experimentId: number;

  @Column('timestamptz')
  asOf: Date;

  @Column('jsonb')
  counts: ExperimentCounts;
}
