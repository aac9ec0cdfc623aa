import type { EntityManager } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { ConnectorInstance } from './connector-instance.entity.js';

/** The connector, locked until the transaction ends. @throws DomainError connector_not_found */
export async function lockConnector(manager: EntityManager, name: string): Promise<ConnectorInstance> {
  const lock = { mode: 'pessimistic_write' } as const;
  const instance = await manager.findOne(ConnectorInstance, { where: { name }, lock });
  if (!instance) throw connectorNotFound(name);
  return instance;
}

/** The error about a connector that does not exist. */
export function connectorNotFound(name: string): DomainError {
  return new DomainError('connector_not_found', `No connector ${name}`);
}
