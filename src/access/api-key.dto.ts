import { Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { type Role, ROLES } from '../platform/access/caller.js';
import { PageQuery } from '../platform/http/page.dto.js';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u;
export const WEEK_SECONDS = 604_800;

/** Which page of the keys. */
export class ApiKeysQuery extends PageQuery {}

/** A key to be made. */
export class CreateApiKeyDto {
  /** Whose it is: letters, digits, space and `._@-`, at most 100. */
  @Matches(NAME, { message: 'name must be letters, digits, spaces or ._@-, at most 100' })
  name: string;

  /** `viewer` reads, `operator` acts, `admin` manages keys and erasure, `service` is the MINGUS application. */
  @IsIn(ROLES)
  role: Role;

  /** When it ends; never when missing. */
  @IsOptional()
  @IsDate()
  @Type(() => Date)
  expiresAt?: Date;
}

/** How a key is replaced. */
export class RotateApiKeyDto {
  /** How long the old one still opens, in seconds: at most a week. */
  @IsInt()
  @Min(0)
  @Max(WEEK_SECONDS)
  graceSeconds: number = 3600;
}

/** A key, without what opens. */
export class ApiKeyDto {
  id: string;
  name: string;
  role: Role;
  /** What the key begins with. */
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
}

/** A new key: the only time it is shown. */
export class NewApiKeyDto extends ApiKeyDto {
  /** Goes into `Authorization: Bearer <key>`. */
  key: string;
}

export class ApiKeyPageDto {
  items: ApiKeyDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
