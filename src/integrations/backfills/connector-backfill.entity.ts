import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const BACKFILL_STATUSES = ['running', 'complete', 'cancelled'] as const;

export type BackfillStatus = (typeof BACKFILL_STATUSES)[number];

/** A run that queues the persons of all customers for a connector, a page at a time. It resumes from its position. */
@Entity('connector_backfills')
@Index('uq_connector_backfills_running', ['connector'], { unique: true, where: `status = 'running'` })
@Check('ck_connector_backfills_status', `status in ('running', 'complete', 'cancelled')`)
export class ConnectorBackfill {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_connector_backfills' })
  id: string;

  @Column('text')
  connector: string;

  @Column('text')
  status: BackfillStatus;

  /** The last customer that was queued; null before the first. */
  @Column('uuid', { nullable: true })
  position: string | null;

  /** How many customers were queued so far. */
  @Column('integer')
  queued: number;

  /** Whether persons are written whose fields have not changed since they were written last. */
  @Column('boolean')
  isForced: boolean;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
