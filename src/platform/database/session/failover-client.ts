import type pg from 'pg';
import { SessionClient } from './session-client.js';
import { traceQueries } from '../../tracing/trace-queries.js';

/** "cannot execute … in a read-only transaction" */
const READ_ONLY = '25006';

/** Undeclared properties of pg's client. */
interface WithConnection {
  connection: { on(event: 'errorMessage', listener: (error: { code?: string }) => void): void };
}

/**
 * A client that closes its connection to a server that has become read-only. After a failover the old primary
 * may still answer, so a pool would keep these connections and never look up the new primary.
 */
export class FailoverClient extends SessionClient {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.query = traceQueries(this.query.bind(this) as never) as never;
    (this as unknown as WithConnection).connection.on('errorMessage', ({ code }) => {
      // The query gets its error first.
      if (code === READ_ONLY) setImmediate(() => void this.end().catch(() => undefined));
    });
  }
}
