import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** The only row counts the changes of all definitions. Each change of a definition locks it. */
@Entity('segment_revisions')
export class SegmentRevision {
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'pk_segment_revisions' })
  id: number;

  @Column('bigint', { transformer: bigintTransformer })
  revision: number;
}
