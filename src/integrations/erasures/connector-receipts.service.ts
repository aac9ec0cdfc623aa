import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { ConnectorErasure, type ErasureStatus } from './connector-erasure.entity.js';

/** Shows the receipts of erasures, and tries again what a system refused. */
@Injectable()
export class ConnectorReceipts {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Newest first. @throws DomainError connector_not_found */
  async list(
    connector: string,
    status: ErasureStatus | undefined,
    limit: number,
  ): Promise<ConnectorErasure[]> {
    const { manager } = this.dataSource;
    const where = { connector, ...(status ? { status } : {}) };
    const found = await manager.find(ConnectorErasure, {
      where,
      order: { requestedAt: 'DESC', customerId: 'ASC' },
      take: limit,
    });
    if (found.length === 0 && !(await manager.existsBy(ConnectorInstance, { name: connector })))
      throw new DomainError('connector_not_found', `No connector ${connector}`);
    return found;
  }

  /**
   * Tries an erasure now that is under way, was refused, or was not supported by an earlier release.
   * @throws DomainError erasure_not_found, erasure_settled
   */
  retry(connector: string, customerId: string): Promise<ConnectorErasure> {
    return inTransaction(this.dataSource, async (manager) => {
      const key = { connector, customerId };
      const lock = { mode: 'pessimistic_write' } as const;
      const erasure = await manager.findOne(ConnectorErasure, { where: key, lock });
      if (!erasure) throw new DomainError('erasure_not_found', `No erasure of ${customerId} in ${connector}`);
      const { status, reason, stripeCustomerId } = erasure;
      if (status === 'accepted' || status === 'confirmed')
        throw new DomainError('erasure_settled', `The erasure is ${status}`);
      const again = { status: 'under_way' as const, nextAttemptAt: new Date(), settledAt: null };
      await manager.update(ConnectorErasure, key, again);
      const object = { type: 'customer', id: stripeCustomerId };
      const details = { connector, status, reason };
      await this.facts.record(manager, new OperatorActed('connector_erasure.retried', object, details));
      return { ...erasure, ...again };
    });
  }
}
