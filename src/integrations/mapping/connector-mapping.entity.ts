import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Mapping } from './mapping.js';

/** A version of an instance's mapping. */
@Entity('connector_mappings')
export class ConnectorMapping {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_connector_mappings' })
  connector: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_connector_mappings' })
  version: number;

  @Column('jsonb')
  fields: Mapping;

  /** The name of the key that defined it; null for the mapping that the connector suggests, and for a command. */
  @Column('text', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;
}
