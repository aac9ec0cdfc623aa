import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A mailed link to the billing portal. It works once. */
@Entity('portal_links')
@Unique('uq_portal_links_token_hash', ['tokenHash'])
@Index('idx_portal_links_customer_id', ['customerId'])
export class PortalLink {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_portal_links' })
  id: string;

  @Column('uuid')
  @ForeignKey('Customer', { name: 'fk_portal_links_customer', onDelete: 'CASCADE' })
  customerId: string;

  /** SHA-256 of the token. The token itself is only in the mail. */
  @Column('text')
  tokenHash: string;

  /** The kind of the message that contains the link. */
  @Column('text')
  purpose: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  /** When the redemption under way began. After a minute it counts as failed. */
  @Column('timestamptz', { nullable: true })
  claimedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}
