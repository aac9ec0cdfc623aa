import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'pk_segment_members';

/** A member of a version, for lists. It follows `customer_segments` within a second. */
@Entity('segment_members')
@Index('idx_segment_members_customer_id', ['customerId'])
export class SegmentMember {
  @PrimaryColumn('integer', { primaryKeyConstraintName: PRIMARY_KEY })
  versionId: number;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  customerId: string;

  @Column('timestamptz')
  since: Date;
}
