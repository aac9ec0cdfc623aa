import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest check of running experiments; one row, and none before the first time. */
@Entity('sample_ratio_checks')
export class SampleRatioCheck {
  /** Always 1. */
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'pk_sample_ratio_checks' })
  id: number;

  @Column('timestamptz')
  checkedAt: Date;

  /** Experiments whose units are not spread as the weights of their arms say. */
  @Column('integer')
  mismatches: number;
}
