import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** A batch of audit entries, chained to the previous batch. Append-only like the entries. */
@Entity('audit_seals')
export class AuditSeal {
  /** 1, 2, 3, … without gaps. */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'pk_audit_seals', transformer: bigintTransformer })
  id: number;

  /** One more than the `lastPosition` of the previous seal; 1 for the first. */
  @Column('bigint', { transformer: bigintTransformer })
  firstPosition: number;

  @Column('bigint', { transformer: bigintTransformer })
  lastPosition: number;

  @Column('integer')
  entryCount: number;

  /**
   * The position and digest of each entry in order; they show the entries that differ. See
   * `entry-digests.ts`.
   */
  @Column('bytea')
  entryDigests: Buffer;

  /** SHA-256 of `entryDigests`. Hexadecimal, as are the other hashes. */
  @Column('text')
  entriesHash: string;

  /** The `hash` of the previous seal; zeros for the first. */
  @Column('text')
  previousHash: string;

  /** SHA-256 of all of the above except the digests themselves. It covers all entries up to this seal. */
  @Column('text')
  hash: string;

  @Column('timestamptz')
  sealedAt: Date;
}
