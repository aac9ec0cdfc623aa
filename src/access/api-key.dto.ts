import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { IsTime } from '../platform/http/is-time.decorator.js';
import { type Role, ROLES } from '../platform/caller.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { KEY_NAME, KEY_NAME_RULE, WEEK_SECONDS } from './api-key-rules.js';

/** The page of the list of keys. */
export class ApiKeysQuery extends PageQuery {}

/** The key to create. */
export class CreateApiKeyDto {
  /** Who or what uses the key: letters, digits, space and `._@-`, at most 100. */
  @Matches(KEY_NAME, { message: KEY_NAME_RULE })
  name: string;

  /** `viewer` reads, `operator` acts, `admin` manages keys and erasure, `service` is the MINGUS application, `collector` sends events. */
  @IsIn(ROLES)
  role: Role;

  /** When the key expires. Without it, the key does not expire. */
  @IsOptional()
  @IsTime()
  expiresAt?: Date;
}

/** How to replace a key. */
export class RotateApiKeyDto {
  /** How many seconds the old key still works: at most a week. */
  @IsInt()
  @Min(0)
  @Max(WEEK_SECONDS)
  graceSeconds: number = 3600;
}

/** A key, without its secret. */
export class ApiKeyDto {
  id: string;
  name: string;
  role: Role;
  /** The beginning of the key, which identifies it. */
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** Accurate to the minute. */
  lastUsedAt: Date | null;
}

/** A new key. The full key is only shown once. */
export class NewApiKeyDto extends ApiKeyDto {
  /** Send it as `Authorization: Bearer <key>`. */
  key: string;
}

export class ApiKeyPageDto {
  items: ApiKeyDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
