import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** How far a consumer has read a partition of the outbox: the last row that it has taken. */
@Entity('outbox_positions')
export class OutboxPosition {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_outbox_positions' })
  consumer: string;

  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'pk_outbox_positions' })
  partition: number;

  @Column('bigint', { transformer: bigintTransformer })
  txid: number;

  @Column('uuid')
  customerId: string;

  @Column('bigint', { transformer: bigintTransformer })
  sequence: number;

  @Column('timestamptz')
  movedAt: Date;

  /** When the consumer was switched on last. */
  @Column('timestamptz')
  startedAt: Date;
}
