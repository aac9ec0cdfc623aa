import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Role } from '../platform/caller.js';

/** An API key. Only the digest of the secret is stored. */
@Entity('api_keys')
@Unique('uq_api_keys_prefix', ['prefix'])
@Check('ck_api_keys_role', `role in ('viewer', 'operator', 'admin', 'service', 'collector')`)
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_api_keys' })
  id: string;

  /** Who or what uses the key. */
  @Column('text')
  name: string;

  @Column('text')
  role: Role;

  /** The beginning of the key. It identifies the key and is not secret. */
  @Column('text')
  prefix: string;

  /** SHA-256 of the whole key, hexadecimal. A key of 256 random bits needs no slow hash. */
  @Column('text')
  digest: string;

  @Column('timestamptz')
  createdAt: Date;

  /** Null: the key does not expire. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  /** Accurate to the minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;
}
