import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { pgClientOf } from '../database/pg-client.js';
import { type BatchedStatement, prepare, runTogether } from './statement-batch.js';
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
    const statements = this.toStatements(manager, units);
    if (statements.length === 0) return;
    const client = await pgClientOf(manager);
    await prepare(client, statements, NO_ROWS);
    await runTogether(client, statements);
  }

  /**
   * Writes through the connection of the given manager, in a transaction of its own that takes a single
   * round trip.
   * @throws a conflict, as `write` does
   */
  async commit(manager: EntityManager, units: readonly UnitOfWork[]): Promise<void> {
    const statements = this.toStatements(manager, units);
    if (statements.length === 0) return;
    const client = await pgClientOf(manager);
    await prepare(client, statements, NO_ROWS);
    try {
      await runTogether(client, [START, ...statements, COMMIT]);
    } catch (error) {
      // A connection that cannot roll back is lost: PostgreSQL has done so by itself.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private toStatements(manager: EntityManager, units: readonly UnitOfWork[]): BatchedStatement[] {
    this.statements ??= new WriteStatements(manager.connection);
    return this.statements.of(units).map(({ statement: { name, text }, rows }) => ({
      ...(this.config.database.preparedStatements ? { name } : {}),
      text,
      values: [JSON.stringify(rows)],
    }));
  }
}

const NO_ROWS = ['[]'];
const START: BatchedStatement = { text: 'START TRANSACTION', values: [] };
const COMMIT: BatchedStatement = { text: 'COMMIT', values: [] };
