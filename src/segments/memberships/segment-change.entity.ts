import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The versions that a customer entered and left in one transaction after its creation, with the cause. */
@Entity('segment_changes')
@Index('idx_segment_changes_customer_id', ['customerId', 'recordedAt'])
export class SegmentChange {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_segment_changes' })
  id: string;

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

  /** When it became true. */
  @Column('timestamptz')
  effectiveAt: Date;

  /** When it became known. */
  @Column('timestamptz')
  recordedAt: Date;
}
