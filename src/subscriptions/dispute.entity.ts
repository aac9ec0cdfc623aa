import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';
import { StripeState } from './stripe-state.js';

const PRIMARY_KEY = 'pk_disputes';

/** A dispute about a payment of a customer, in its newest state. */
@Entity('disputes')
@Index('idx_disputes_open', ['customerId'], { where: 'is_open' })
export class Dispute extends StripeState {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  @ForeignKey('Customer', { name: 'fk_disputes_customer', onDelete: 'CASCADE' })
  customerId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  stripeDisputeId: string;

  @Column('text')
  stripeChargeId: string;

  @Column('text')
  status: string;

  @Column('boolean')
  isOpen: boolean;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text')
  currency: string;

  /** In the minor unit of the currency. */
  @Column('bigint', { transformer: bigintTransformer })
  amountMinor: number;

  @Column('timestamptz', { nullable: true })
  stripeCreatedAt: Date | null;
}
