import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';

/** Who did what to which object, when and why. Append-only: the database refuses changes. */
@Entity('audit_entries')
@Index('idx_audit_entries_customer_id', ['customerId', 'id'])
@Index('idx_audit_entries_object_id', ['objectId', 'id'])
export class AuditEntry {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_audit_entries' })
  id: string;

  /** Not a foreign key: the trail outlives the customer. */
  @Column('uuid', { nullable: true })
  customerId: string | null;

  /** `customer.created`, `user.created`, … */
  @Column('text')
  action: string;

  @Column('text')
  actorType: 'stripe' | 'operator' | 'system' | 'customer';

  /** The Stripe request, the key's name, … as far as known. */
  @Column('text', { nullable: true })
  actorId: string | null;

  @Column('text')
  objectType: string;

  @Column('text')
  objectId: string;

  /** `webhook`, `reconciliation`, `admin_api`, `cli`, `job`, `portal`, `service_api`, `preference_page`, `one_click`. */
  @Column('text')
  source: string;

  @Column('text', { nullable: true })
  stripeEventId: string | null;

  @Column('jsonb')
  details: Record<string, unknown>;

  /** From receipt to the decision, in milliseconds; more than an integer for users who arrive late. */
  @Column('bigint', { nullable: true, transformer: bigintTransformer })
  processingMs: number | null;

  @Column('timestamptz')
  occurredAt: Date;
}
