import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** The size of a table with its indexes at the start of a day (UTC). The job `keep-house` records it. */
@Entity('table_sizes')
export class TableSize {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_table_sizes' })
  tableName: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_table_sizes' })
  day: string;

  @Column('bigint', { transformer: bigintTransformer })
  bytes: number;
}
