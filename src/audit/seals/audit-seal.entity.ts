import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** A batch of audit entries, chained to the batch before. Append-only like the entries. */
@Entity('audit_seals')
export class AuditSeal {
  /** 1, 2, 3, … without gaps. */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'pk_audit_seals', transformer: bigintTransformer })
  id: number;

  /** One more than the `lastPosition` of the seal before; 1 for the first. */
  @Column('bigint', { transformer: bigintTransformer })
  firstPosition: number;

  @Column('bigint', { transformer: bigintTransformer })
  lastPosition: number;

  @Column('integer')
  entryCount: number;

  /** Position and digest of each entry in order; they tell which one differs. See `entry-digests.ts`. */
  @Column('bytea')
  entryDigests: Buffer;

  /** SHA-256 of `entryDigests`. Hexadecimal, as are the other hashes. */
  @Column('text')
  entriesHash: string;

  /** The `hash` of the seal before; zeros for the first. */
  @Column('text')
  previousHash: string;

  /** SHA-256 of all of the above but the digests themselves: whoever knows it knows all entries up to here. */
  @Column('text')
  hash: string;

  @Column('timestamptz')
  sealedAt: Date;
}
