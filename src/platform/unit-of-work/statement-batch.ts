import pg, { type Connection, type PoolClient } from 'pg';

/** A statement, and its name as a prepared statement; without a name it is sent in full each time. */
export interface BatchedStatement {
  name?: string;
  text: string;
  values: string[];
  /** The protocol messages that follow a `copy … from stdin`. */
  copy?: Buffer;
}

/**
 * Sends statements together and waits for all of them, with one write, one Sync and one answer. PostgreSQL
 * skips the statements after a failure. Rows are not read.
 * @throws the error of the statement that failed
 */
export function runTogether(client: PoolClient, statements: readonly BatchedStatement[]): Promise<void> {
  const prepared = preparedBy.get(client) ?? new Map<string, string>();
  preparedBy.set(client, prepared);
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null) => {
      if (error) return reject(error);
      for (const { name, text } of statements) if (name) prepared.set(name, text);
      resolve();
    };
    client.query(Object.assign(new StatementBatch(statements, prepared), { callback: settle }));
  });
}

/** The statements that are certainly prepared on a connection: their texts by name. */
const preparedBy = new WeakMap<PoolClient, Map<string, string>>();

/** A subclass, because pg accepts no other custom query on a pipelined connection. */
class StatementBatch extends pg.Query {
  constructor(
    private readonly statements: readonly BatchedStatement[],
    private readonly prepared: Map<string, string>,
  ) {
    super('');
  }

  override submit = (connection: Connection): null => {
    connection.stream.cork();
    try {
      for (const statement of this.statements) this.send(statement, connection);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return null;
  };

  private send({ name = '', text, values, copy }: BatchedStatement, connection: Connection): void {
    if (this.prepared.get(name) !== text) {
      // A failed batch may have prepared the statement. Closing a statement that does not exist has no
      // effect.
      this.prepared.delete(name);
      if (name) connection.close({ type: 'S', name }, true);
      connection.parse({ name, text, types: [] }, true);
    }
    connection.bind({ statement: name, values }, true);
    connection.execute({}, true);
    if (copy) connection.stream.write(copy);
  }

  /** Ignores rows, because the statements of a batch run only for their effect. */
  handleDataRow(): void {}

  /** The rows to copy were sent with the statement. */
  handleCopyInResponse(): void {}
}
