import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';

/**
 * An act: its actor, object, time and cause. Append-only: the database refuses changes, and seals reveal
 * changes that were made despite that. All columns are sealed except `personal` and its salt, which may be
 * erased.
 */
@Entity('audit_entries')
@Index('idx_audit_entries_customer_id', ['customerId', 'id'])
@Index('uq_audit_entries_position', ['position'], { unique: true })
@Index('idx_audit_entries_object_id', ['objectId', 'id'])
@Index('idx_audit_entries_action', ['action', 'id'])
@Index('idx_audit_entries_actor_id', ['actorId', 'id'], { where: `actor_type <> 'stripe'` })
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

  /** The Stripe request or the key, if known. */
  @Column('text', { nullable: true })
  actorId: string | null;

  /** The name of the key. */
  @Column('text', { nullable: true })
  actorName?: string | null;

  @Column('text')
  objectType: string;

  @Column('text')
  objectId: string;

  /** `webhook`, `reconciliation`, `admin_api`, `cli`, `job`, `portal`, `service_api`, `preference_page`, `one_click`, `http`. */
  @Column('text')
  source: string;

  @Column('text', { nullable: true })
  stripeEventId: string | null;

  /**
   * The request to this service that caused the act, and its address, for operators and MINGUS. The address
   * of a customer is among the personal values.
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

  /**
   * The position of the entry, assigned by the database. Positions of rolled back transactions are missing.
   */
  @Column('bigint', { transformer: bigintTransformer })
  @Generated('increment')
  position?: number;

  /** Names, addresses and texts of people; null if there are none, or if they were erased. */
  @Column('jsonb', { nullable: true })
  personal: Record<string, unknown> | null;

  /** Erased together with `personal`; without it a guessed value cannot be checked against the digest. */
  @Column('text', { nullable: true })
  personalSalt: string | null;

  /** The hexadecimal SHA-256 of salt and `personal`. It is kept after an erasure. */
  @Column('text', { nullable: true })
  personalDigest: string | null;
}
