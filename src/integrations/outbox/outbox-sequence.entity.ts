import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** The last sequence of a customer. A customer whose only fact is its creation has no row. */
@Entity('outbox_sequences')
export class OutboxSequence {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_outbox_sequences' })
  customerId: string;

  @Column('bigint', { transformer: bigintTransformer })
  sequence: number;

  @Column('bigint', { transformer: bigintTransformer })
  txid: number;
}
