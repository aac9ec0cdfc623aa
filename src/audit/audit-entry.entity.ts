import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';

/**
 * Who did what to which object, when and why. Append-only: the database refuses changes, and seals show those
 * made all the same. All columns are sealed but `personal` and its salt, which may be erased.
 */
@Entity('audit_entries')
@Index('idx_audit_entries_customer_id', ['customerId', 'id'])
@Index('uq_audit_entries_position', ['position'], { unique: true })
@Index('idx_audit_entries_object_id', ['objectId', 'id'])
@Index('idx_audit_entries_nobodys', ['id'], {
  where: `customer_id is null and personal is not null and action <> 'request.refused'`,
})
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
  actorType: 'stripe' | 'operator' | 'system' | 'customer' | 'unknown';

  /** The Stripe request or the key, as far as known. */
  @Column('text', { nullable: true })
  actorId: string | null;

  /** The key's name. */
  @Column('text', { nullable: true })
  actorName?: string | null;

  @Column('text')
  objectType: string;

  @Column('text')
  objectId: string;

  /** `webhook`, `reconciliation`, `admin_api`, `cli`, `job`, `portal`, `service_api`, `preference_page`, `one_click`. */
  @Column('text')
  source: string;

  @Column('text', { nullable: true })
  stripeEventId: string | null;

  /**
   * The request to us behind it, and the address it came from: of operators and of MINGUS. A customer's is among
   * the personal values.
   */
  @Column('text', { nullable: true })
  requestId?: string | null;

  @Column('text', { nullable: true })
  ip?: string | null;

  @Column('text', { nullable: true })
  jobId?: string | null;

  @Column('jsonb')
  details: Record<string, unknown>;

  /** From receipt to the decision, in milliseconds; more than an integer for users who arrive late. */
  @Column('bigint', { nullable: true, transformer: bigintTransformer })
  processingMs: number | null;

  @Column('timestamptz')
  occurredAt: Date;

  /** Given by the database: where the entry stands among all. Numbers of transactions rolled back are missing. */
  @Column('bigint', { transformer: bigintTransformer })
  @Generated('increment')
  position?: number;

  /** Names, addresses, words of people: null where there are none, or where they have been erased. */
  @Column('jsonb', { nullable: true })
  personal: Record<string, unknown> | null;

  /** Erased together with `personal`; without it the digest tells nothing about a value that is guessed. */
  @Column('text', { nullable: true })
  personalSalt: string | null;

  /** Of salt and `personal`, hexadecimal SHA-256; stays. */
  @Column('text', { nullable: true })
  personalDigest: string | null;
}
