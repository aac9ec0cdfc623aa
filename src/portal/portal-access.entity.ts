import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

export type PortalAccessStatus = 'active' | 'suspended' | 'revoked';

/** What the customer may do in the billing portal. */
export interface PortalPermissions {
  viewInvoices: boolean;
  updatePaymentMethod: boolean;
  updateBillingDetails: boolean;
  cancelSubscription: boolean;
}

/** A customer's access to the Stripe billing portal. */
@Entity('portal_accesses')
@Check('ck_portal_accesses_status', `status in ('active', 'suspended', 'revoked')`)
export class PortalAccess {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_portal_accesses' })
  @ForeignKey('Customer', { name: 'fk_portal_accesses_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('text')
  status: PortalAccessStatus;

  @Column('jsonb')
  permissions: PortalPermissions;

  @Column('jsonb')
  metadata: Record<string, unknown>;

  @Column('timestamptz')
  grantedAt: Date;

  @Column('timestamptz', { nullable: true })
  firstAccessedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  lastAccessedAt: Date | null;

  @Column('timestamptz')
  updatedAt: Date;
}
