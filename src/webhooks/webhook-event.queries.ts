import type { EntityManager } from 'typeorm';
import { WriteConflict } from '../platform/database/database-fault.js';
import { WebhookEvent } from './webhook-event.entity.js';

/**
 * Writes the final decisions about events that were waiting for their user.
 * @returns whether there were such rows
 * @throws WriteConflict when only some are still waiting: another writer decided the rest
 */
export async function updatePending(manager: EntityManager, rows: readonly WebhookEvent[]): Promise<boolean> {
  const updated = await Promise.all(rows.map((row) => updateOne(manager, row)));
  const count = updated.filter(Boolean).length;
  if (count > 0 && count < rows.length) throw new WriteConflict('webhook_events');
  return count > 0;
}

async function updateOne(manager: EntityManager, row: WebhookEvent): Promise<boolean> {
  const { outcome, errorCode, errorMessage, customerId, decidedAt } = row;
  const { affected } = await manager.update(
    WebhookEvent,
    { stripeEventId: row.stripeEventId, outcome: 'pending_user' },
    { outcome, errorCode, errorMessage, customerId, decidedAt },
  );
  return affected === 1;
}
