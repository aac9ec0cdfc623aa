import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DatabaseSettings } from '../database/database.settings.js';
import { pgClientOf } from '../database/pg-client.js';
import { type BatchedStatement, runTogether } from './statement-batch.js';
import type { UnitOfWork } from './unit-of-work.js';
import { WriteStatements } from './write-statements.js';

/** Writes units of work, all or nothing. */
@Injectable()
export class UnitOfWorkWriter {
  private statements?: WriteStatements;

  constructor(private readonly settings: DatabaseSettings) {}

  /**
   * Writes through the transaction of the given manager.
   * @throws a conflict (`databaseFaultOf`) if a row to insert exists, or a row to change is not as expected;
   * the transaction must then be rolled back
   */
  async write(manager: EntityManager, units: readonly UnitOfWork[]): Promise<void> {
    if (!manager.queryRunner?.isTransactionActive) throw new Error('Units of work need a transaction');
    const statements = this.toStatements(manager, units);
    if (statements.length === 0) return;
    const client = await pgClientOf(manager);
    await runTogether(client, [BY_KEY, ...statements, AS_BEFORE]);
  }

  /**
   * Writes through the connection of the given manager, in a separate transaction with a single round trip.
   * @param first statements that run before the writes
   * @throws a conflict, as `write` does
   */
  async commit(
    manager: EntityManager,
    units: readonly UnitOfWork[],
    first: readonly BatchedStatement[] = [],
  ): Promise<void> {
    const statements = this.toStatements(manager, units);
    if (statements.length === 0) return;
    const client = await pgClientOf(manager);
    try {
      await runTogether(client, [START, BY_KEY, ...first, ...statements, COMMIT]);
    } catch (error) {
      // If the rollback fails, the connection is lost and PostgreSQL has rolled back already.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private toStatements(manager: EntityManager, units: readonly UnitOfWork[]): BatchedStatement[] {
    this.statements ??= new WriteStatements(manager.connection, this.settings.preparedStatements);
    return this.statements.of(units);
  }
}

const START: BatchedStatement = { text: 'START TRANSACTION', values: [] };
const COMMIT: BatchedStatement = { text: 'COMMIT', values: [] };
/**
 * Writes find rows by key only. A plan from the time when the tables were small would scan them: a fifth of the time of a
 * delivery with 6,000 notifications.
 */
const BY_KEY: BatchedStatement = { text: 'set local enable_seqscan = off', values: [] };
const AS_BEFORE: BatchedStatement = { text: 'set local enable_seqscan to default', values: [] };
