import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/**
 * A milestone that MINGUS reported of a user. Users without a customer have no other row here; customers get a copy when
 * they are created or linked.
 */
@Entity('user_milestones')
@Unique('uq_user_milestones_user_id_milestone', ['userId', 'milestone'])
export class UserMilestone {
  /** UUID v7: it contains the time of the first report. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_user_milestones' })
  id: string;

  /** A random one after an erasure. */
  @Column('text')
  userId: string;

  @Column('text')
  milestone: string;

  /** When the user reached it: the earliest time that was reported. */
  @Column('timestamptz')
  occurredAt: Date;

  /** When that time was written down here. */
  @Column('timestamptz')
  recordedAt: Date;

  /** Who reported it. */
  @Column('text')
  source: 'service_api';
}
