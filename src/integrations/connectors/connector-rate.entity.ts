import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The rate of one credential, shared by all processes and by all instances that use it. */
@Entity('connector_rates')
export class ConnectorRate {
  /** A digest of the system and its secrets. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_connector_rates' })
  credential: string;

  /** When the next request may be made. */
  @Column('timestamptz')
  freeAt: Date;
}
