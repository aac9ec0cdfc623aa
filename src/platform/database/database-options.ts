import type { DataSourceOptions } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { FailoverClient } from './failover-client.js';
import { SnakeNamingStrategy } from './snake-naming-strategy.js';

/**
 * What a pool is for. Each has its own connections, so that a flood of webhooks cannot starve the
 * admin API, health checks and jobs, nor they the webhooks.
 */
export type PoolPurpose = 'intake' | 'general';

/** The name under which Nest knows the intake's data source; the general one is the default. */
export const INTAKE = 'intake';

/** Timeouts in milliseconds. The intake's add up to less than the 5 s within which it answers. */
const TIMEOUTS = {
  intake: { connect: 2000, lock: 2000, statement: 3500, query: 4000, idleInTransaction: 5000 },
  general: { connect: 3000, lock: 4000, statement: 10_000, query: 12_000, idleInTransaction: 15_000 },
};

/**
 * The intake reads by key only. A plan made while its tables were empty would scan them, and be kept
 * while they grow (6 ms a lone event after some ten thousand); and planning the same again costs more
 * than running it.
 */
const PLANNING = {
  intake: '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan',
  general: undefined,
};

/** TypeORM options for one pool. Never `synchronize`: the schema comes from migrations alone. */
export function databaseOptions(
  config: Pick<AppConfig, 'database' | 'webhook' | 'jobs'>,
  purpose: PoolPurpose,
  onPoolError: (error: Error) => void,
) {
  const timeouts = TIMEOUTS[purpose];
  return {
    type: 'postgres',
    url: config.database.url,
    namingStrategy: new SnakeNamingStrategy(),
    synchronize: false,
    logging: false,
    poolSize: purpose === 'intake' ? config.webhook.writers + 1 : config.jobs.concurrency + 6,
    connectTimeoutMS: timeouts.connect,
    poolErrorHandler: onPoolError,
    applicationName: `mingus-onboarding ${purpose}`,
    extra: {
      Client: FailoverClient,
      pipeline: true,
      keepAlive: true,
      options: PLANNING[purpose],
      lock_timeout: timeouts.lock,
      statement_timeout: timeouts.statement,
      query_timeout: timeouts.query,
      idle_in_transaction_session_timeout: timeouts.idleInTransaction,
    },
  } satisfies DataSourceOptions;
}
