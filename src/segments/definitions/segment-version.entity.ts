import { Check, Column, Entity, Generated, PrimaryColumn, Unique } from 'typeorm';

/** `filling` until all customers are decided, then `serving`, and `retired` once a later version serves. */
export type SegmentVersionStatus = 'filling' | 'serving' | 'retired';

/** A version of a segment's rule. Memberships are of versions, so an edited segment has its old members until it is filled. */
@Entity('segment_versions')
@Unique('uq_segment_versions_segment_id_version', ['segmentId', 'version'])
@Check('ck_segment_versions_status', `status in ('filling', 'serving', 'retired')`)
export class SegmentVersion {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_segment_versions' })
  @Generated('increment')
  id: number;

  @Column('integer')
  segmentId: number;

  /** The name of the segment. It stays when the segment is deleted. */
  @Column('text')
  segment: string;

  /** 1 for the first version of its segment. */
  @Column('integer')
  version: number;

  /** The tree of conditions (`segments/rules/rule.ts`). */
  @Column('jsonb')
  rule: object;

  @Column('text')
  status: SegmentVersionStatus;

  /** The name of the API key that defined it. */
  @Column('text', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;

  /** When the filling found its candidates. */
  @Column('timestamptz', { nullable: true })
  stagedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  servedFrom: Date | null;

  @Column('timestamptz', { nullable: true })
  servedUntil: Date | null;
}
