import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { MrrMovementKind } from '../events/subscriptions/mrr-moved.event.js';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';

/** A change of a customer's monthly recurring revenue in one currency. The sum of all changes is the revenue. */
@Entity('mrr_movements')
@Index('idx_mrr_movements_customer_id', ['customerId', 'id'])
@Index('idx_mrr_movements_occurred_at', ['occurredAt'])
@Index('idx_mrr_movements_recorded_at', ['recordedAt'])
@Check('ck_mrr_movements_kind', `kind in ('new', 'reactivation', 'expansion', 'contraction', 'churn')`)
@Check('ck_mrr_movements_amount', 'amount_minor = after_minor - before_minor and amount_minor <> 0')
export class MrrMovement {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_mrr_movements' })
  id: string;

  @Column('uuid')
  @ForeignKey('Customer', { name: 'fk_mrr_movements_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('text')
  kind: MrrMovementKind;

  @Column('text')
  currency: string;

  /** By how much, in the minor unit of the currency. */
  @Column('bigint', { transformer: bigintTransformer })
  amountMinor: number;

  @Column('bigint', { transformer: bigintTransformer })
  beforeMinor: number;

  @Column('bigint', { transformer: bigintTransformer })
  afterMinor: number;

  /** The event behind it; null where an erasure was. */
  @Column('text', { nullable: true })
  stripeEventId: string | null;

  /** When it happened, by Stripe's time. */
  @Column('timestamptz')
  occurredAt: Date;

  /** When it was written down here. */
  @Column('timestamptz')
  recordedAt: Date;
}
