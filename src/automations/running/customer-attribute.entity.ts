import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Scalar } from '../definitions/definition.js';

/** A value that automations keep about a customer. Mappings and placeholders read it as `attributes.<key>`. */
@Entity('customer_attributes')
export class CustomerAttribute {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_customer_attributes' })
  customerId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_customer_attributes' })
  key: string;

  @Column('jsonb')
  value: Scalar;

  /** The run that set it. */
  @Column('uuid')
  runId: string;

  @Column('timestamptz')
  setAt: Date;
}
