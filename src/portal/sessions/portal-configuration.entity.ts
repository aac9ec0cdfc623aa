import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A configuration of the portal that we had Stripe make. */
@Entity('portal_configurations')
export class PortalConfiguration {
  /** Digest of all that is in it: other permissions, or a later version of the service, make another one. */
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
