import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A portal configuration that this service has created in Stripe. */
@Entity('portal_configurations')
export class PortalConfiguration {
  /**
   * Digest of the connected account (if any) and the content. Another account, other permissions or another
   * version give another digest.
   */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_portal_configurations' })
  fingerprint: string;

  @PrimaryColumn('boolean', { primaryKeyConstraintName: 'pk_portal_configurations' })
  livemode: boolean;

  /** Stripe's id (`bpc_…`). */
  @Column('text')
  configurationId: string;

  @Column('timestamptz')
  createdAt: Date;
}
