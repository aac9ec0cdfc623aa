import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { FACT_TYPES } from '../../events/integrations/fact-types.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { ConsumesOutbox, type OutboxConsumer } from '../outbox/outbox-consumer.js';
import type { OutboxEntry } from '../outbox/outbox-entry.entity.js';
import { enqueueDelivery } from './enqueue-delivery.js';

/** Under which the position in the outbox is stored. */
export const CONNECTOR_FEED = 'connectors';

/** Turns facts into deliveries for each connector, which are skipped while it is disabled. */
@Injectable()
@ConsumesOutbox(CONNECTOR_FEED)
export class ConnectorFeed implements OutboxConsumer {
  constructor(private readonly writer: UnitOfWorkWriter) {}

  /** Also while all connectors are disabled, so that each process knows it before one is enabled. */
  isWanted(manager: EntityManager): Promise<boolean> {
    return manager.exists(ConnectorInstance);
  }

  async consume(entries: readonly OutboxEntry[], manager: EntityManager): Promise<void> {
    const connectors = await manager.find(ConnectorInstance);
    const unit = new UnitOfWork();
    for (const entry of entries) {
      for (const connector of connectors) if (isFor(connector, entry)) enqueue(connector, entry, unit);
    }
    await this.writer.write(manager, [unit]);
  }
}

/** A connector gets the facts since it was enabled first; a backfill covers what was before. */
function isFor({ enabledAt }: ConnectorInstance, { recordedAt, type }: OutboxEntry): boolean {
  return type !== 'customer.erased' && enabledAt !== null && enabledAt <= recordedAt;
}

function enqueue(
  { name: connector, enabled, sendsPeople, events }: ConnectorInstance,
  { id: occurrence, customerId, type, data, sequence, occurredAt }: OutboxEntry,
  unit: UnitOfWork,
): void {
  const isBackfill = data.imported === true;
  const delivery = { connector, customerId, occurrence, isBackfill, isSkipped: !enabled };
  if (sendsPeople && FACT_TYPES[type].changesPerson)
    enqueueDelivery(unit, { ...delivery, kind: 'upsertPerson', content: {} });
  if (events.includes(type))
    enqueueDelivery(unit, { ...delivery, kind: 'trackEvent', content: { type, data, sequence, occurredAt } });
}
