import { Check, Column, Entity, Generated, Index, PrimaryColumn, Unique } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';
import type { DeliveryKind } from '../connectors/connector.js';

/**
 * - `queued`: waits for its time, and for earlier deliveries of its customer to the same connector.
 * - `delivering`: an attempt is under way.
 * - `accepted`, `unchanged`: the system has it.
 * - `rejected`: a dead letter. `held`: the outcome is unknown, and an operator decides.
 * - `skipped`: its connector was disabled. An operator can queue it.
 */
export const DELIVERY_STATUSES = [
  'queued',
  'delivering',
  'accepted',
  'unchanged',
  'rejected',
  'held',
  'cancelled',
  'skipped',
] as const;

export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** An effect of a fact in a system outside. Its key is unique for ever, so that no effect happens twice. */
@Entity('deliveries')
@Unique('uq_deliveries_effect', ['connector', 'customerId', 'kind', 'occurrence'])
@Index('idx_deliveries_queued', ['connector', 'isBackfill', 'position'], { where: `status = 'queued'` })
@Index('idx_deliveries_open', ['connector', 'customerId', 'position'], {
  where: `status in ('queued', 'delivering')`,
})
@Index('idx_deliveries_claimed_until', ['claimedUntil'], { where: `status = 'delivering'` })
@Index('idx_deliveries_undelivered', ['connector', 'id'], { where: `status in ('rejected', 'held')` })
@Index('idx_deliveries_skipped', ['connector', 'position'], { where: `status = 'skipped'` })
@Index('idx_deliveries_created', ['connector', 'id'], { where: 'foreign_id is not null' })
@Index('idx_deliveries_cancelled', ['connector', 'id'], {
  where: `status = 'cancelled' and reason is distinct from 'connector_deleted'`,
})
@Index('idx_deliveries_customer_id', ['customerId'])
@Check(
  'ck_deliveries_status',
  `status in ('queued', 'delivering', 'accepted', 'unchanged', 'rejected', 'held', 'cancelled', 'skipped')`,
)
export class Delivery {
  /** A UUID v7, stable over all attempts: systems get it as key of idempotency or as reference. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_deliveries' })
  id: string;

  /** The order of the deliveries of a customer to a connector. */
  @Column('bigint', { transformer: bigintTransformer })
  @Generated('increment')
  position: number;

  @Column('text')
  connector: string;

  @Column('uuid')
  customerId: string;

  @Column('text')
  kind: DeliveryKind;

  /** What caused it: the id of an outbox row, of a step of an automation, or of a backfill. */
  @Column('text')
  occurrence: string;

  /** The fact or the fields of the action, without personal data; empty once the person is erased. */
  @Column('jsonb')
  content: Record<string, unknown>;

  @Column('text')
  status: DeliveryStatus;

  /** Deliveries of a backfill yield to all others. */
  @Column('boolean')
  isBackfill: boolean;

  /** Attempts since it was queued. Those that failed because of the connector do not count. */
  @Column('integer')
  attempts: number;

  @Column('timestamptz')
  nextAttemptAt: Date;

  /** When the last attempt began; null if there was none, so that the system cannot know the person by it. */
  @Column('timestamptz', { nullable: true })
  triedAt: Date | null;

  /** A code for why it waits or ended; null while there is nothing to say. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** What the system answered, shortened; without personal data. */
  @Column('text', { nullable: true })
  detail: string | null;

  /** The system's id of what an action created, such as a ticket; null if it created nothing, or gives no id. */
  @Column('text', { nullable: true })
  foreignId: string | null;

  /** Whether an earlier attempt may have had its effect. */
  @Column('boolean')
  isUnknown: boolean;

  /** The attempt under way; another attempt with another token has taken over. */
  @Column('uuid', { nullable: true })
  claim: string | null;

  /** After this time the process of the attempt counts as dead. */
  @Column('timestamptz', { nullable: true })
  claimedUntil: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;
}
