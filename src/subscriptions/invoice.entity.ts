import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { InvoiceStatus } from '../events/stripe-invoice.js';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';
import { StripeState } from './stripe-state.js';

const PRIMARY_KEY = 'pk_invoices';

/** An invoice of a customer that was paid, could not be paid, or was given up, in its newest state. */
@Entity('invoices')
@Index('idx_invoices_payment_failed', ['customerId'], { where: 'is_payment_failed' })
export class Invoice extends StripeState {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  @ForeignKey('Customer', { name: 'fk_invoices_customer', onDelete: 'CASCADE' })
  customerId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  stripeInvoiceId: string;

  @Column('text', { nullable: true })
  stripeSubscriptionId: string | null;

  @Column('text')
  status: InvoiceStatus;

  @Column('text')
  currency: string;

  /** In the minor unit of the currency. */
  @Column('bigint', { transformer: bigintTransformer })
  amountDueMinor: number;

  @Column('bigint', { transformer: bigintTransformer })
  amountPaidMinor: number;

  /** A payment failed, or needs an action of the customer, and the invoice is not paid. */
  @Column('boolean')
  isPaymentFailed: boolean;

  @Column('timestamptz', { nullable: true })
  paidAt: Date | null;

  @Column('timestamptz', { nullable: true })
  stripeCreatedAt: Date | null;
}
