import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';

/** A Stripe customer linked to a MINGUS user, with every field Stripe sent. */
@Entity('customers')
@Unique('uq_customers_stripe_customer_id', ['stripeCustomerId', 'livemode'])
@Index('idx_customers_user_id', ['userId'])
@Index('idx_customers_email', ['email'])
@Index('idx_customers_stripe_created_at', ['stripeCreatedAt'])
export class Customer {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customers' })
  id: string;

  /**
   * Null while the customer is unlinked. Not a foreign key: the users may live in MINGUS's own table
   * (`USERS_TABLE`).
   */
  @Column('text', { nullable: true })
  userId: string | null;

  @Column('text')
  stripeCustomerId: string;

  @Column('boolean')
  livemode: boolean;

  /** The event that created the row. */
  @Column('text')
  stripeEventId: string;

  /** Connect account, if the event came from one. */
  @Column('text', { nullable: true })
  account: string | null;

  @Column('text')
  email: string;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('jsonb', { nullable: true })
  address: Record<string, unknown> | null;

  @Column('jsonb', { nullable: true })
  shipping: Record<string, unknown> | null;

  @Column('jsonb')
  metadata: Record<string, string>;

  @Column('jsonb')
  preferredLocales: string[];

  @Column('text', { nullable: true })
  currency: string | null;

  /** In the currency's minor unit; negative is a credit. */
  @Column('bigint', { transformer: bigintTransformer })
  balanceMinor: number;

  @Column('text', { nullable: true })
  taxExempt: string | null;

  @Column('text', { nullable: true })
  invoicePrefix: string | null;

  @Column('bigint', { nullable: true, transformer: bigintTransformer })
  nextInvoiceSequence: number | null;

  @Column('jsonb', { nullable: true })
  invoiceSettings: Record<string, unknown> | null;

  @Column('text', { nullable: true })
  defaultSource: string | null;

  @Column('boolean', { nullable: true })
  delinquent: boolean | null;

  @Column('jsonb', { nullable: true })
  discount: Record<string, unknown> | null;

  @Column('text', { nullable: true })
  testClock: string | null;

  @Column('timestamptz', { nullable: true })
  stripeCreatedAt: Date | null;

  /** Fields of Stripe's object that have no column here, as received. */
  @Column('jsonb')
  additionalFields: Record<string, unknown>;

  /** The time of the state in Stripe that is stored here. Older events change nothing. */
  @Column('timestamptz')
  stateAt: Date;

  /** The type of the event with that state; `api` when it was fetched. */
  @Column('text')
  stateToldBy: string;

  /** When it was deleted in Stripe. */
  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;

  /** When the person was erased: only ids are left. */
  @Column('timestamptz', { nullable: true })
  erasedAt: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
