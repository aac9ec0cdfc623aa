import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../../platform/database/bigint-transformer.js';

/** The count of a signal in a minute, summed over all processes. */
@Entity('signal_counts')
export class SignalCount {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_signal_counts' })
  name: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_signal_counts' })
  minute: Date;

  @Column('bigint', { transformer: bigintTransformer })
  count: number;
}
