import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import {
  SUBSCRIPTION_STATUSES,
  type SubscriptionDiscount,
  type SubscriptionItem,
  type SubscriptionStatus,
} from '../events/stripe-subscription.js';
import type { Mrr } from './mrr.js';
import { StripeState } from './stripe-state.js';

const PRIMARY_KEY = 'pk_subscriptions';

/** A subscription of a customer, in its newest state. */
@Entity('subscriptions')
@Check(
  'ck_subscriptions_status',
  `status in (${SUBSCRIPTION_STATUSES.map((status) => `'${status}'`).join(', ')})`,
)
export class Subscription extends StripeState {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  @ForeignKey('Customer', { name: 'fk_subscriptions_customer', onDelete: 'CASCADE' })
  customerId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  stripeSubscriptionId: string;

  @Column('text')
  status: SubscriptionStatus;

  /** What it charges for. */
  @Column('jsonb')
  items: readonly SubscriptionItem[];

  @Column('jsonb')
  discounts: readonly SubscriptionDiscount[];

  /** Its own revenue per month in minor units, by currency; the sum of several may differ by what is rounded. */
  @Column('jsonb')
  mrr: Mrr;

  /** False where Stripe left out tiers, coupons or items: the revenue is then too high or too low. */
  @Column('boolean')
  isPriceKnown: boolean;

  @Column('boolean')
  cancelAtPeriodEnd: boolean;

  @Column('timestamptz', { nullable: true })
  cancelAt: Date | null;

  /** When the cancellation was requested. */
  @Column('timestamptz', { nullable: true })
  canceledAt: Date | null;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  trialStart: Date | null;

  @Column('timestamptz', { nullable: true })
  trialEnd: Date | null;

  @Column('timestamptz', { nullable: true })
  currentPeriodEnd: Date | null;

  @Column('boolean')
  isCollectionPaused: boolean;

  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('text', { nullable: true })
  testClock: string | null;
}
