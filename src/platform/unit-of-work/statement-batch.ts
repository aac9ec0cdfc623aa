import pg, { type Connection, type PoolClient } from 'pg';
import { pipelined } from '../database/pg-client.js';

/** A statement, and the name under which it is prepared; without one it is sent in full each time. */
export interface BatchedStatement {
  name?: string;
  text: string;
  values: string[];
}

/**
 * Sends statements together and waits for all of them: one write, one Sync and one answer, where as many
 * queries have as many of each. PostgreSQL skips what follows a failure. Rows are not read.
 * @throws the error of the statement that failed
 */
export function runTogether(client: PoolClient, statements: readonly BatchedStatement[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null) => (error ? reject(error) : resolve());
    client.query(Object.assign(new StatementBatch(statements), { callback: settle }));
  });
}

/**
 * Prepares statements that the connection does not know yet.
 * @param nothing the values with which they do nothing
 */
export async function prepare(
  client: PoolClient,
  statements: readonly BatchedStatement[],
  nothing: string[],
): Promise<void> {
  const prepared = preparedBy.get(client) ?? new Set();
  preparedBy.set(client, prepared);
  const fresh = statements.filter(({ name }) => name && !prepared.has(name));
  if (fresh.length === 0) return;
  await pipelined(client, () => fresh.map(({ name, text }) => client.query({ name, text, values: nothing })));
  for (const { name } of fresh) prepared.add(name as string);
}

const preparedBy = new WeakMap<PoolClient, Set<string>>();

/** A subclass, because pg takes no other query of one's own on a pipelined connection. */
class StatementBatch extends pg.Query {
  constructor(private readonly statements: readonly BatchedStatement[]) {
    super('');
  }

  override submit = (connection: Connection): null => {
    connection.stream.cork();
    try {
      for (const { name = '', text, values } of this.statements) {
        if (!name) connection.parse({ name, text, types: [] }, true);
        connection.bind({ statement: name, values }, true);
        connection.execute({}, true);
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return null;
  };

  /** Statements of a batch run for their effect: a row that one returns is of no interest. */
  handleDataRow(): void {}
}
