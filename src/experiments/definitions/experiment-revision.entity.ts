import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** The only row counts the changes of all experiments. Each change of an experiment locks it. */
@Entity('experiment_revisions')
export class ExperimentRevision {
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'pk_experiment_revisions' })
  id: number;

  @Column('bigint', { transformer: bigintTransformer })
  revision: number;
}
