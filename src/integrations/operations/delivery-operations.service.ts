import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { Delivery } from '../deliveries/delivery.entity.js';
import { type ActName, changeDeliveries, DELIVERY_ACTS, FINAL_REASONS } from './delivery-acts.js';

/** Acts of operators on single deliveries. Each is audited. */
@Injectable()
export class DeliveryOperations {
  constructor(
    private readonly facts: Facts,
    private readonly registry: ConnectorRegistry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Queues a delivery from the start of its schedule, or cancels it. One that was held has its effect
   * twice if it arrived and its system cannot be searched.
   * @throws DomainError delivery_not_found, delivery_ended if it arrived or is under way, or its person was erased
   */
  async act(id: string, act: ActName): Promise<void> {
    const { from, one } = DELIVERY_ACTS[act];
    await inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const delivery = await manager.findOne(Delivery, { where: { id }, lock });
      if (!delivery) throw new DomainError('delivery_not_found', `No delivery ${id}`);
      const { status, reason, connector } = delivery;
      if (!from.includes(status) || FINAL_REASONS.includes(reason ?? ''))
        throw new DomainError('delivery_ended', `Delivery ${id} is ${status}`);
      await changeDeliveries(manager, this.registry, act, [id]);
      const details = { connector, status, reason };
      await this.facts.record(manager, new OperatorActed(one, { type: 'delivery', id }, details));
    });
  }

  /**
   * Holds all deliveries that wait, after a restore: some were made since the backup, so their outcome is unknown.
   * @returns how many
   */
  holdQueued(): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [, count] = await manager.query<[unknown[], number]>(HOLD);
      const details = { count: String(count), reason: 'restored_backup' };
      const object = { type: 'deliveries', id: 'all' };
      if (count > 0) await this.facts.record(manager, new OperatorActed('deliveries.held', object, details));
      return count;
    });
  }
}

const HOLD = `
  update deliveries set status = 'held', reason = 'restored_backup', is_unknown = true, claim = null,
    claimed_until = null, ended_at = now(), updated_at = now()
  where status in ('queued', 'delivering')`;
