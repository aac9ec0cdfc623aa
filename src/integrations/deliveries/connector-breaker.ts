import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { afterFault, afterSuccess } from '../../platform/delivery/circuit.js';
import { CLOSED_CIRCUIT, ConnectorInstance } from '../connectors/connector-instance.entity.js';
import type { BatchFault } from './delivery-results.js';

const logger = new Logger('connectors');

/**
 * Records a fault of a connector, which pauses it: for the time that its system asks for, or for ever longer times.
 * @param isRepeated whether all rows have met a fault before, which shows nothing new about the connector
 * @returns until when it is paused; null if it is not
 */
export async function recordFault(
  manager: EntityManager,
  name: string,
  { fault, reason, until }: BatchFault,
  isRepeated: boolean,
): Promise<Date | null> {
  const before = await lock(manager, name);
  if (!before) return null;
  const after = afterFault(before, fault, new Date(), isRepeated);
  const pausedUntil = until ?? after.pausedUntil;
  const faultSince = before.faultSince ?? new Date();
  if (after.failures === 0 && pausedUntil === null) return null;
  const changes = { ...after, failures: Math.max(after.failures, 1), pausedUntil, fault: reason, faultSince };
  await manager.update(ConnectorInstance, { name }, changes);
  if (pausedUntil && pausedUntil.getTime() !== before.pausedUntil?.getTime())
    logger.error({ event: 'connector paused', connector: name, fault, reason, pausedUntil });
  return pausedUntil;
}

/** Records that a system answered. It closes the circuit step by step. */
export async function recordSuccess(manager: EntityManager, name: string): Promise<void> {
  const before = await lock(manager, name);
  if (!before) return;
  const after = before.failures > 0 ? afterSuccess(before) : null;
  await manager.update(
    ConnectorInstance,
    { name },
    { ...(after ?? CLOSED_CIRCUIT), lastSuccessAt: new Date() },
  );
  if (!after && before.pausedUntil) logger.log({ event: 'connector works again', connector: name });
}

function lock(manager: EntityManager, name: string): Promise<ConnectorInstance | null> {
  return manager.findOne(ConnectorInstance, { where: { name }, lock: { mode: 'pessimistic_write' } });
}
