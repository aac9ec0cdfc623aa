import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The versions that a customer entered and left in one transaction, with the cause. */
@Entity('segment_changes')
@Index('idx_segment_changes_customer_id', ['customerId', 'recordedAt'])
@Index('idx_segment_changes_unprojected', ['recordedAt'], { where: 'not is_projected' })
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

  /** The fact that caused it, such as `customer.created`; `time`, or `definition`. */
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

  /** Whether `segment_members` shows it. */
  @Column('boolean')
  isProjected: boolean;
}
