import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** An anonymous id of a client, and the person that it turned out to be. */
@Entity('anonymous_ids')
@Index('idx_anonymous_ids_person_id', ['personId'])
export class AnonymousId {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_anonymous_ids' })
  anonymousId: string;

  @Column('bigint', { transformer: bigintTransformer })
  personId: number;

  /** When an identify or alias joined them. */
  @Column('timestamptz')
  recordedAt: Date;
}
