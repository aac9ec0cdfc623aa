import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** The versions that a customer entered and left in one transaction after its creation, with the cause. */
@Entity('segment_changes')
@Index('idx_segment_changes_customer_id', ['customerId', 'sequence'])
export class SegmentChange {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_segment_changes' })
  id: string;

  /** Orders the changes of a customer: each is recorded with the customer's memberships locked. */
  @Column('bigint', { transformer: bigintTransformer })
  @Generated('increment')
  sequence: number;

  @Column('uuid')
  customerId: string;

  /** Ids of versions. */
  @Column('integer', { array: true })
  entered: number[];

  @Column('integer', { array: true })
  left: number[];

  /** The fact that caused it, such as `subscription.changed`; `time`, or `definition`. */
  @Column('text')
  cause: string;

  @Column('text', { nullable: true })
  stripeEventId: string | null;

  /** When it became true, at most the time at which it was recorded. */
  @Column('timestamptz')
  effectiveAt: Date;

  /** When it became known. */
  @Column('timestamptz')
  recordedAt: Date;
}
