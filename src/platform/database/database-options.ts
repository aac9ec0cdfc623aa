import type { DataSourceOptions } from 'typeorm';
import { FailoverClient } from './session/failover-client.js';
import { SnakeNamingStrategy } from './snake-naming-strategy.js';

/**
 * The purpose of a pool. The pools have separate connections, so that a flood of webhooks cannot starve the
 * admin API, health checks and jobs, and vice versa.
 */
export type PoolPurpose = 'intake' | 'general';

/** Nest's name for the data source of the intake. The general one is the default. */
export const INTAKE = 'intake';

/** Timeouts in milliseconds. Those of the intake add up to less than its deadline of 5 s. */
const TIMEOUTS = {
  intake: { connect: 2000, lock: 2000, statement: 3500, query: 4000, idleInTransaction: 5000 },
  general: { connect: 3000, lock: 4000, statement: 10_000, query: 12_000, idleInTransaction: 15_000 },
};

/**
 * The intake reads by key only. A plan from the time when its tables were empty would scan them, and
 * PostgreSQL would keep it while they grow (6 ms per single event after ten thousand events). Planning again
 * each time costs more than the query.
 */
const PLANNING = {
  intake: '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan',
  general: undefined,
};

/** TypeORM options for one pool. Never `synchronize`: the schema comes from migrations alone. */
export function databaseOptions(
  purpose: PoolPurpose,
  url: string,
  poolSize: number,
  onPoolError: (error: Error) => void,
) {
  const timeouts = TIMEOUTS[purpose];
  return {
    type: 'postgres',
    url,
    namingStrategy: new SnakeNamingStrategy(),
    synchronize: false,
    logging: false,
    poolSize,
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
