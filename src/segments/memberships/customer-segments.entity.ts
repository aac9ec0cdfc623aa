import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** What a customer is a member of, as of the last transaction that changed one of the inputs. */
@Entity('customer_segments')
@Index('idx_customer_segments_next_evaluation_at', ['nextEvaluationAt'], {
  where: 'next_evaluation_at is not null',
})
export class CustomerSegments {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_segments' })
  customerId: string;

  /** Ids of versions, filling ones included. */
  @Column('integer', { array: true })
  memberOf: number[];

  /** The first time at which a condition about time may change its truth. */
  @Column('timestamptz', { nullable: true })
  nextEvaluationAt: Date | null;

  /** Of the definitions that were used. */
  @Column('bigint', { transformer: bigintTransformer })
  revision: number;

  @Column('timestamptz')
  evaluatedAt: Date;
}
