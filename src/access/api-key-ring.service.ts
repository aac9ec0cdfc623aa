import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type KeyHolder, type KeyRefusal, KeyRing } from '../platform/access/key-ring.js';
import { AccessSettings } from './access.settings.js';
import { digestOf, prefixOf } from './api-key-text.js';

/** How long a process caches a key. A key revoked by another process works at most this long. */
const CACHE_MS = 5000;
/** The cache is emptied when it holds this many keys, which is far more than exist. */
const CACHED_MAX = 1000;

type Identity = KeyHolder | Exclude<KeyRefusal, 'missing'>;

interface KeyRow extends Pick<KeyHolder, 'id' | 'name' | 'role'> {
  digest: string;
  /** Zero or less: expired. Null: the key does not expire. */
  expiresInMs: number | null;
  isRevoked: boolean;
}

/** The keys in the database, and the two keys of the environment. */
@Injectable()
export class ApiKeyRing extends KeyRing {
  private readonly adminDigest: string;
  private readonly serviceDigest?: string;
  private readonly cache = new Map<string, { identity: Identity; until: number }>();

  constructor(
    { adminApiKey, serviceApiKey }: AccessSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    super();
    this.adminDigest = digestOf(adminApiKey);
    this.serviceDigest = serviceApiKey && digestOf(serviceApiKey);
  }

  async identify(key: string): Promise<Identity> {
    const digest = digestOf(key);
    const known = this.cache.get(digest);
    if (known && known.until > performance.now()) return known.identity;
    const readAt = performance.now();
    const { identity, holdsMs = CACHE_MS } = await this.read(key, digest);
    if (identity === 'wrong') return identity;
    if (this.cache.size >= CACHED_MAX) this.cache.clear();
    this.cache.set(digest, { identity, until: readAt + Math.min(holdsMs, CACHE_MS) });
    return identity;
  }

  /** Empties the cache, so that keys are read from the database again. */
  clear(): void {
    this.cache.clear();
  }

  private async read(key: string, digest: string): Promise<{ identity: Identity; holdsMs?: number }> {
    if (isSame(digest, this.adminDigest)) return { identity: await this.bootstrap() };
    if (this.serviceDigest && isSame(digest, this.serviceDigest)) return { identity: ENVIRONMENT };
    const prefix = prefixOf(key);
    const [row] = prefix ? await this.dataSource.query<KeyRow[]>(FIND, [prefix]) : [];
    if (!row || !isSame(digest, row.digest)) return { identity: 'wrong' };
    if (row.isRevoked) return { identity: 'revoked' };
    const { id, name, role, expiresInMs } = row;
    const holdsMs = expiresInMs ?? Number.POSITIVE_INFINITY;
    if (holdsMs <= 0) return { identity: 'expired' };
    await this.dataSource.query(NOTE_USE, [id]);
    const type = role === 'service' || role === 'collector' ? 'service' : 'operator';
    return { identity: { type, id, name, role, onlyManagesKeys: false }, holdsMs };
  }

  /**
   * While an admin key exists, the environment's key can only manage keys: it is for the case that the admin
   * key is lost.
   */
  private async bootstrap(): Promise<KeyHolder> {
    const [{ onlyManagesKeys }] = await this.dataSource.query(HAS_ADMIN_KEY);
    return { type: 'operator', id: 'bootstrap', name: 'ADMIN_API_KEY', role: 'admin', onlyManagesKeys };
  }
}

const ENVIRONMENT: KeyHolder = {
  type: 'service',
  id: 'environment',
  name: 'SERVICE_API_KEY',
  role: 'service',
  onlyManagesKeys: false,
};

const FIND = `
  select id, name, role, digest, (extract(epoch from expires_at - now()) * 1000)::float8 as "expiresInMs",
    revoked_at is not null as "isRevoked"
  from api_keys where prefix = $1`;

const NOTE_USE = `
  update api_keys set last_used_at = now()
  where id = $1 and coalesce(last_used_at, '-infinity') < now() - interval '1 minute'`;

const HAS_ADMIN_KEY = `
  select exists (
    select from api_keys
    where role = 'admin' and revoked_at is null and coalesce(expires_at, 'infinity') > now()
  ) as "onlyManagesKeys"`;

function isSame(digest: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(digest), Buffer.from(expected));
}
