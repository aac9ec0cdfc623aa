import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { Mrr } from './mrr.js';

/** What the subscriptions and payments of a customer come to; missing for customers without any until they are deleted. */
@Entity('customer_revenues')
export class CustomerRevenue {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_revenues' })
  @ForeignKey('Customer', { name: 'fk_customer_revenues_customer', onDelete: 'CASCADE' })
  customerId: string;

  /**
   * Counts the changes of the customer's subscriptions, invoices and disputes. Each change expects the number that was
   * read before: of two transactions at the same time, one fails and is repeated.
   */
  @Column('integer')
  revision: number;

  /** Monthly recurring revenue in minor units, by currency. A currency stays with 0 once there was revenue in it. */
  @Column('jsonb')
  mrr: Mrr;

  /** When the customer first paid more than nothing. */
  @Column('timestamptz', { nullable: true })
  firstPaidAt: Date | null;

  @Column('timestamptz')
  updatedAt: Date;
}
