import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A customer as a system knows it. */
@Entity('connector_links')
@Index('idx_connector_links_customer_id', ['customerId'])
export class ConnectorLink {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_connector_links' })
  connector: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_connector_links' })
  customerId: string;

  /** The id that the system gave the person; null if it gives none. */
  @Column('text', { nullable: true })
  foreignId: string | null;

  /**
   * A digest of the fields that were written last. Equal fields are not written again. `unknown` after an attempt that may
   * have written others; null if no fields were written.
   */
  @Column('text', { nullable: true })
  fieldsDigest: string | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
