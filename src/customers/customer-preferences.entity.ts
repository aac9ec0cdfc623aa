import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** Which notification kinds go through which channels: `{ welcome: { email: true } }`. */
export type NotificationPreferences = Record<string, Record<string, boolean>>;

/** A customer's preferences: notifications, billing, language, time zone. */
@Entity('customer_preferences')
@Check('ck_customer_preferences_invoice_delivery', `invoice_delivery in ('email', 'none')`)
export class CustomerPreferences {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_preferences' })
  @ForeignKey('Customer', { name: 'fk_customer_preferences_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('jsonb')
  notifications: NotificationPreferences;

  /** ISO 4217, lower case, as Stripe writes it. */
  @Column('text')
  currency: string;

  @Column('text')
  invoiceDelivery: 'email' | 'none';

  /** BCP 47. */
  @Column('text')
  locale: string;

  /** IANA name. */
  @Column('text')
  timezone: string;

  @Column('jsonb')
  metadata: Record<string, unknown>;

  @Column('timestamptz')
  createdAt: Date;

  /** When the customer last changed their preferences; equal to `createdAt` before the first change. */
  @Column('timestamptz')
  updatedAt: Date;
}
