import { Injectable } from '@nestjs/common';
import type { QueryConfig } from 'pg';
import type { EntityManager } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { pgClientOf, pipelined } from './pg-client.js';
import type { UnitOfWork } from './unit-of-work.js';
import { WriteStatements } from './write-statements.js';

/** Writes units of work, all or nothing. */
@Injectable()
export class UnitOfWorkWriter {
  private statements?: WriteStatements;

  constructor(private readonly config: AppConfig) {}

  /**
   * Writes through the transaction of the given manager.
   * @throws a conflict (`databaseFaultOf`) when a row to insert exists, or one to change is not as expected;
   *   the transaction must then be rolled back
   */
  async write(manager: EntityManager, units: readonly UnitOfWork[]): Promise<void> {
    if (!manager.queryRunner?.isTransactionActive) throw new Error('Units of work need a transaction');
    await send(manager, this.toQueries(manager, units));
  }

  /**
   * Writes through the connection of the given manager, in a transaction of its own that takes a single
   * round trip: PostgreSQL skips what follows a failure, and turns COMMIT into ROLLBACK.
   * @throws a conflict, as `write` does
   */
  async commit(manager: EntityManager, units: readonly UnitOfWork[]): Promise<void> {
    const queries = this.toQueries(manager, units);
    if (queries.length > 0)
      await send(manager, [{ text: 'START TRANSACTION' }, ...queries, { text: 'COMMIT' }]);
  }

  private toQueries(manager: EntityManager, units: readonly UnitOfWork[]): QueryConfig[] {
    this.statements ??= new WriteStatements(manager.connection);
    return this.statements.of(units).map(({ statement: { name, text }, rows }) => ({
      ...(this.config.database.preparedStatements ? { name } : {}),
      text,
      values: [JSON.stringify(rows)],
    }));
  }
}

async function send(manager: EntityManager, queries: readonly QueryConfig[]): Promise<void> {
  const client = await pgClientOf(manager);
  await pipelined(client, () => queries.map((query) => client.query(query)));
}
