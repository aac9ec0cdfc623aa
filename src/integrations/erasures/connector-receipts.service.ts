import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { ConnectorErasureSettled } from '../../events/integrations/connector-erasure-settled.event.js';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { connectorNotFound, lockConnector } from '../connectors/connector-instances.queries.js';
import { ConnectorErasure, type ErasureStatus } from './connector-erasure.entity.js';
import { forgetPerson } from './forget-person.js';

/** Shows the receipts of erasures, tries again what a system refused, and settles by hand what it never does. */
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
      throw connectorNotFound(connector);
    return found;
  }

  /**
   * Tries an erasure now that is under way, was refused, or was not supported by an earlier release. Another account than
   * the one that knows the person would give a receipt for nothing.
   * @throws DomainError connector_not_found, erasure_not_found, erasure_settled, erasure_in_other_account
   */
  retry(connector: string, customerId: string): Promise<ConnectorErasure> {
    return inTransaction(this.dataSource, async (manager) => {
      const key = { connector, customerId };
      // Locked before the erasure, as by a deletion of the connector.
      await lockConnector(manager, connector);
      const erasure = await lockUnsettled(manager, key);
      const { status, reason, stripeCustomerId } = erasure;
      if (status !== 'under_way' && GONE_ACCOUNTS.has(reason ?? ''))
        throw new DomainError('erasure_in_other_account', `${connector} opens another account now`);
      const again = { status: 'under_way' as const, nextAttemptAt: new Date(), settledAt: null };
      await manager.update(ConnectorErasure, key, again);
      const object = { type: 'customer', id: stripeCustomerId };
      const details = { connector, status, reason };
      await this.facts.record(manager, new OperatorActed('connector_erasure.retried', object, details));
      return { ...erasure, ...again };
    });
  }

  /** Confirms an erasure on the word of an operator. @throws DomainError erasure_not_found, erasure_settled */
  settle(connector: string, customerId: string, word: string): Promise<ConnectorErasure> {
    return inTransaction(this.dataSource, async (manager) => {
      const key = { connector, customerId };
      const erasure = await lockUnsettled(manager, key);
      const { status, reason, stripeCustomerId } = erasure;
      const by = { reason: 'by_hand', nextAttemptAt: null, settledAt: new Date() };
      const settled = { ...by, status: 'confirmed' as const };
      await manager.update(ConnectorErasure, key, settled);
      await forgetPerson(manager, connector, customerId);
      const object = { type: 'customer', id: stripeCustomerId };
      const details = { connector, status, before: reason, reason: word };
      await this.facts.record(manager, new OperatorActed('connector_erasure.settled', object, details));
      const fact = new ConnectorErasureSettled(customerId, stripeCustomerId, connector, 'confirmed');
      await this.facts.record(manager, fact);
      return { ...erasure, ...settled };
    });
  }
}

/** Reasons of erasures that were for an account that is not opened any more. */
const GONE_ACCOUNTS: ReadonlySet<string> = new Set(['account_changed', 'connector_deleted']);

async function lockUnsettled(
  manager: EntityManager,
  key: { connector: string; customerId: string },
): Promise<ConnectorErasure> {
  const lock = { mode: 'pessimistic_write' } as const;
  const erasure = await manager.findOne(ConnectorErasure, { where: key, lock });
  if (!erasure)
    throw new DomainError('erasure_not_found', `No erasure of ${key.customerId} in ${key.connector}`);
  if (erasure.status === 'accepted' || erasure.status === 'confirmed')
    throw new DomainError('erasure_settled', `The erasure is ${erasure.status}`);
  return erasure;
}
