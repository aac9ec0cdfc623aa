import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Role } from '../platform/access/caller.js';

/** A key of the API. What opens is not stored: only its digest. */
@Entity('api_keys')
@Unique('uq_api_keys_prefix', ['prefix'])
@Check('ck_api_keys_role', `role in ('viewer', 'operator', 'admin', 'service')`)
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_api_keys' })
  id: string;

  /** Whose it is, in words. */
  @Column('text')
  name: string;

  @Column('text')
  role: Role;

  /** What it begins with: tells keys apart, opens nothing. */
  @Column('text')
  prefix: string;

  /** SHA-256 of the whole key, hexadecimal; its 256 random bits need no slow hash. */
  @Column('text')
  digest: string;

  @Column('timestamptz')
  createdAt: Date;

  /** Null: never. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  /** To the minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;
}
