import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { FactTypeName } from '../../events/integrations/fact-types.js';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** A fact about a customer that waits for the consumers of the outbox, written in the transaction of the fact. */
@Entity('outbox')
@Unique('uq_outbox_customer_id_sequence', ['customerId', 'sequence'])
@Index('idx_outbox_partition', ['partition', 'txid', 'customerId', 'sequence'])
export class OutboxEntry {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_outbox' })
  id: string;

  @Column('uuid')
  customerId: string;

  /** Counts the facts of a customer without a gap. The creation is 1; a customer that was there before begins with 2. */
  @Column('bigint', { transformer: bigintTransformer })
  sequence: number;

  /** One relay reads a partition; all facts of a customer are in one. */
  @Column('smallint')
  partition: number;

  /**
   * The id of the transaction that wrote the row, or that of an earlier fact of the same customer if it is higher. So the
   * order of (`txid`, `sequence`) is the order of the customer's facts, and no row appears below the oldest running
   * transaction.
   */
  @Column('bigint', { transformer: bigintTransformer })
  txid: number;

  @Column('text')
  type: FactTypeName;

  /** As declared in `FACT_TYPES`; empty once the person is erased. */
  @Column('jsonb')
  data: Record<string, unknown>;

  @Column('timestamptz')
  occurredAt: Date;

  @Column('timestamptz')
  recordedAt: Date;
}
