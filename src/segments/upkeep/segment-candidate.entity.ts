import { Entity, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'pk_segment_candidates';

/** A customer that a new version has to decide: one that is a member, or that time alone may make one. */
@Entity('segment_candidates')
export class SegmentCandidate {
  @PrimaryColumn('integer', { primaryKeyConstraintName: PRIMARY_KEY })
  versionId: number;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  customerId: string;
}
