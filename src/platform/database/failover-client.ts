import pg from 'pg';
import { traceQueries } from '../tracing/trace-queries.js';

/** "cannot execute … in a read-only transaction" */
const READ_ONLY = '25006';

/** What pg's client holds but does not declare. */
interface WithConnection {
  connection: { on(event: 'errorMessage', listener: (error: { code?: string }) => void): void };
}

/**
 * A client that leaves a server which takes no writes any more. After a failover the old primary may well
 * answer on: a pool would keep its connections for ever, and never ask where the new primary is.
 */
export class FailoverClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.query = traceQueries(this.query.bind(this) as never) as never;
    (this as unknown as WithConnection).connection.on('errorMessage', ({ code }) => {
      // The query must learn its error first.
      if (code === READ_ONLY) setImmediate(() => void this.end().catch(() => undefined));
    });
  }
}
