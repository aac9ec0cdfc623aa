import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { plainToInstance, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min, validateSync } from 'class-validator';
import {
  IsCronPattern,
  IsDatabaseUrl,
  IsOrigin,
  IsPublicUrl,
  IsRetentionDays,
  IsStripeSecretKey,
  IsUsersTableColumns,
  IsWebhookSecretList,
  RequiredInProduction,
} from './environment-validators.js';
import { MessageEnvironment } from './message-environment.js';

/**
 * The environment variables the service reads, each with its rule and its default.
 * `.env.example` and the README table document them; {@link AppConfig} is what the code uses.
 */
export class Environment extends MessageEnvironment {
  @IsIn(['development', 'production', 'test'])
  NODE_ENV: string = 'development';

  @RequiredInProduction()
  @IsDatabaseUrl()
  DATABASE_URL?: string;

  @RequiredInProduction()
  @IsWebhookSecretList()
  STRIPE_WEBHOOK_SECRET?: string;

  @RequiredInProduction()
  @IsStripeSecretKey()
  STRIPE_SECRET_KEY?: string;

  @IsOptional()
  @IsOrigin()
  STRIPE_API_URL?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  STRIPE_LIVEMODE?: string;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(100)
  STRIPE_RATE_LIMIT: number = 20;

  @IsRetentionDays()
  RETENTION_DAYS: string = '';

  @IsCronPattern()
  RECONCILE_SCHEDULE: string = '41 3 * * *';

  @IsIn(['none', 'all'])
  RECONCILE_NOTIFY: string = 'none';

  @Matches(/^[a-z]{3}$/, { message: '$property must be a three-letter lower-case currency code' })
  STRIPE_ACCOUNT_CURRENCY: string = 'usd';

  @RequiredInProduction()
  @IsPublicUrl()
  PUBLIC_URL?: string;

  @IsOptional()
  @IsPublicUrl()
  APP_URL?: string;

  @IsOptional()
  @IsPublicUrl()
  PORTAL_LOGIN_URL?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(720)
  PORTAL_LINK_TTL_HOURS: number = 72;

  @IsIn(['true', 'false'])
  ANALYTICS_ENABLED: string = 'true';

  @IsOptional()
  @Matches(/^\S+$/, { message: '$property must not contain white space' })
  ANALYTICS_API_KEY?: string;

  @IsOptional()
  @IsPublicUrl()
  ANALYTICS_URL?: string;

  @Matches(/^\S+$/, { message: '$property must not contain white space' })
  HOST: string = '127.0.0.1';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT: number = 3000;

  @Matches(/^(api|worker|api,worker|worker,api)$/, { message: '$property must be api, worker or api,worker' })
  PROCESS_ROLES: string = 'api,worker';

  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL: string = 'info';

  @IsOptional()
  @Matches(/^[0-9a-f]{7,40}$/, { message: '$property must be a commit id' })
  BUILD_COMMIT?: string;

  DATA_DIR: string = '.data';

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  MAILBOX_SMTP_PORT: number = 1025;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  MAILBOX_WEB_PORT: number = 1080;

  @IsOptional()
  @IsIn(['run', 'check', 'tolerate-newer'])
  MIGRATIONS?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(60)
  DRAIN_SECONDS?: number;

  @IsIn(['true', 'false'])
  DATABASE_PREPARED_STATEMENTS: string = 'true';

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  WEBHOOK_BATCH_MAX: number = 256;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(16)
  WEBHOOK_WRITERS: number = 2;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  WEBHOOK_WAITING_MAX: number = 5000;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(36_500)
  WEBHOOK_RETENTION_DAYS: number = 90;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(36_500)
  WEBHOOK_PENDING_DAYS: number = 400;

  @IsOptional()
  @Matches(/^\/[^\0]+$/, { message: '$property must be an absolute path' })
  AUDIT_HEADS_FILE?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(64)
  JOB_CONCURRENCY: number = 4;

  @Type(() => Number)
  @IsInt()
  @Min(5)
  @Max(600)
  WORKER_LEASE_SECONDS: number = 30;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(3650)
  ONBOARDING_MAX_USER_AGE_DAYS: number = 30;

  @IsOptional()
  @Matches(/^[A-Za-z_][A-Za-z0-9_$]*\.[A-Za-z_][A-Za-z0-9_$]*$/, {
    message: '$property must be schema.table',
  })
  USERS_TABLE?: string;

  @IsUsersTableColumns()
  USERS_TABLE_COLUMNS: string = 'id=id,email=email,name=name,created_at=created_at';
}

/** Raised at boot; `problems` names every missing or malformed variable, never a value. */
export class InvalidEnvironment extends Error {
  constructor(readonly problems: string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Validates the environment. Empty variables count as unset.
 * @throws InvalidEnvironment naming all problems at once
 */
export function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && value !== '') given[name] = value;
  }
  const problems = readFiles(given);
  const environment = plainToInstance(Environment, given, { exposeDefaultValues: true });
  for (const { constraints } of validateSync(environment, { stopAtFirstError: true })) {
    problems.push(...Object.values(constraints ?? {}));
  }
  if (environment.ANALYTICS_URL && !environment.ANALYTICS_API_KEY) {
    problems.push('ANALYTICS_API_KEY is required when ANALYTICS_URL is set');
  }
  if (!environment.SMTP_USERNAME !== !environment.SMTP_PASSWORD) {
    problems.push('SMTP_USERNAME and SMTP_PASSWORD must be set together');
  }
  const { ADMIN_API_KEY: adminKey, SERVICE_API_KEY: serviceKey } = environment;
  if (problems.length === 0 && serviceKey !== undefined && serviceKey === adminKey) {
    problems.push('SERVICE_API_KEY and ADMIN_API_KEY must differ');
  }
  const dkim = [environment.DKIM_DOMAIN, environment.DKIM_SELECTOR, environment.DKIM_PRIVATE_KEY];
  if (dkim.some(Boolean) && !dkim.every(Boolean)) {
    problems.push('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY (or its _FILE) must be set together');
  }
  if (problems.length > 0) throw new InvalidEnvironment(problems);
  return environment;
}

/** Takes values that are given as files. @returns problems, naming variables, never a value */
function readFiles(given: Record<string, unknown>): string[] {
  const { DKIM_PRIVATE_KEY: key, DKIM_PRIVATE_KEY_FILE: file } = given;
  if (typeof file !== 'string') return [];
  if (key !== undefined) return ['DKIM_PRIVATE_KEY and DKIM_PRIVATE_KEY_FILE must not both be set'];
  try {
    given.DKIM_PRIVATE_KEY = readFileSync(file, 'utf8');
    return [];
  } catch {
    return ['DKIM_PRIVATE_KEY_FILE cannot be read'];
  }
}
