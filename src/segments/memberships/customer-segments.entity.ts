import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** What a customer is a member of, as of the last transaction that changed one of the inputs. */
@Entity('customer_segments')
@Index('idx_customer_segments_next_evaluation_at', ['nextEvaluationAt'], {
  where: 'next_evaluation_at is not null',
})
@Index('idx_customer_segments_unprojected', ['customerId'], { where: 'not is_projected' })
export class CustomerSegments {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_segments' })
  customerId: string;

  /** Ids of versions, filling ones included. */
  @Column('integer', { array: true })
  memberOf: number[];

  /** What the customer was a member of when it was created. Later changes are in `segment_changes`. */
  @Column('integer', { array: true })
  firstMemberOf: number[];

  /** The first time at which a condition about time may change its truth. */
  @Column('timestamptz', { nullable: true })
  nextEvaluationAt: Date | null;

  /** Of the definitions by which all versions were decided last. Some may have been decided by newer ones since. */
  @Column('bigint', { transformer: bigintTransformer })
  revision: number;

  @Column('timestamptz')
  evaluatedAt: Date;

  /** Whether `segment_members` shows it. */
  @Column('boolean')
  isProjected: boolean;

  /** The `sequence` of the last change that the lists show and that was announced, 0 for the creation; null before. */
  @Column('bigint', { nullable: true, transformer: bigintTransformer })
  projectedUntil: number | null;
}
