import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** `under_way` until the system gives its receipt. */
export const ERASURE_STATUSES = ['under_way', 'accepted', 'confirmed', 'refused', 'unsupported'] as const;

export type ErasureStatus = (typeof ERASURE_STATUSES)[number];

/**
 * The erasure of a person in a system, with its receipt. The row stays as a tombstone: nothing is delivered about its
 * customer any more. The id of the customer is random and names no person.
 */
@Entity('connector_erasures')
@Index('idx_connector_erasures_unsettled', ['connector', 'nextAttemptAt'], {
  where: `status in ('under_way', 'refused')`,
})
@Check(
  'ck_connector_erasures_status',
  `status in ('under_way', 'accepted', 'confirmed', 'refused', 'unsupported')`,
)
export class ConnectorErasure {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_connector_erasures' })
  connector: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_connector_erasures' })
  customerId: string;

  @Column('text')
  stripeCustomerId: string;

  @Column('text')
  status: ErasureStatus;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('integer')
  attempts: number;

  /** Null once there is a receipt. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  @Column('timestamptz')
  requestedAt: Date;

  @Column('timestamptz', { nullable: true })
  settledAt: Date | null;
}
