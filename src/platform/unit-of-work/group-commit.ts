import { databaseFaultOf } from '../database/database-fault.js';
import type { UnitOfWork } from './unit-of-work.js';

interface Waiting {
  unit: UnitOfWork;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Commits units of work of several callers in one transaction. Units that arrive during a write are in the
 * next transaction.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private isWriting = false;

  /** @param write commits units, all or nothing */
  constructor(private readonly write: (units: readonly UnitOfWork[]) => Promise<void>) {}

  /**
   * Resolves when the unit is committed.
   * @throws the error of the database about this unit, or about all
   */
  commit(unit: UnitOfWork): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ unit, resolve, reject });
      if (!this.isWriting) void this.writeWaiting();
    });
  }

  private async writeWaiting(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      await this.writeGroup(group);
    }
    this.isWriting = false;
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.write(group.map(({ unit }) => unit));
      for (const { resolve } of group) resolve();
    } catch (error) {
      // Refused data belong to one unit. The others must not fail with it.
      if (group.length > 1 && databaseFaultOf(error) === 'data') {
        for (const one of group) await this.writeGroup([one]);
      } else for (const { reject } of group) reject(error);
    }
  }
}
