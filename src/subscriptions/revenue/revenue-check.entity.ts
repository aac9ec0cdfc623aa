import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest comparison of the stored revenue with the movements; one row, and none before the first time. */
@Entity('revenue_checks')
export class RevenueCheck {
  /** Always 1. */
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'pk_revenue_checks' })
  id: number;

  @Column('timestamptz')
  checkedAt: Date;

  /** `mrr_days` holds the movements that were written down before this time, and only those. */
  @Column('timestamptz')
  summedUpTo: Date;

  /** Customers and currencies whose stored revenue is not the sum of the movements. */
  @Column('integer')
  differences: number;
}
