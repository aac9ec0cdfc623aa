import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A link to the billing portal that was mailed; it opens the portal once. */
@Entity('portal_links')
@Unique('uq_portal_links_token_hash', ['tokenHash'])
@Index('idx_portal_links_customer_id', ['customerId'])
export class PortalLink {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_portal_links' })
  id: string;

  @Column('uuid')
  @ForeignKey('Customer', { name: 'fk_portal_links_customer', onDelete: 'CASCADE' })
  customerId: string;

  /** SHA-256 of the token, which itself is nowhere but in the mail. */
  @Column('text')
  tokenHash: string;

  /** The kind of the message that carries it. */
  @Column('text')
  purpose: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  /** Since when somebody is redeeming it; after a while it is taken that they never ended. */
  @Column('timestamptz', { nullable: true })
  claimedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}
