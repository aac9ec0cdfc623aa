import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** The usage of a disk of a process, written at each evaluation of the alerts. */
@Entity('disk_readings')
export class DiskReading {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_disk_readings' })
  host: string;

  /** The mount point of the file system. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_disk_readings' })
  mount: string;

  @Column('bigint', { transformer: bigintTransformer })
  totalBytes: number;

  /** The free space for the service. */
  @Column('bigint', { transformer: bigintTransformer })
  freeBytes: number;

  @Column('timestamptz')
  measuredAt: Date;
}
