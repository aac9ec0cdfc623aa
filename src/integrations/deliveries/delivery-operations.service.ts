import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { Delivery, type DeliveryStatus } from './delivery.entity.js';

/** Selects deliveries. */
export interface DeliveryFilter {
  status: DeliveryStatus;
  connector?: string;
  reason?: string;
  kind?: string;
  /** Stripe's id of the customer. */
  stripeCustomerId?: string;
}

/** How many deliveries one act can change. It is repeated for more. */
const BULK_MAX = 10_000;

/** Acts of operators on deliveries. Each is audited. */
@Injectable()
export class DeliveryOperations {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Queues a delivery from the start of its schedule. One that was held may have its effect twice.
   * @throws DomainError delivery_not_found, delivery_ended if it arrived or is under way, or its person was erased
   */
  resend(id: string): Promise<void> {
    return this.actOn(id, 'delivery.resent', RESENDABLE, RESEND);
  }

  /** @throws DomainError delivery_not_found, delivery_ended */
  cancel(id: string): Promise<void> {
    return this.actOn(id, 'delivery.cancelled', CANCELLABLE, CANCEL);
  }

  /** @returns how many were queued again */
  resendAll(filter: DeliveryFilter): Promise<number> {
    return this.actOnAll(filter, 'deliveries.resent', RESENDABLE, RESEND);
  }

  /** @returns how many were cancelled */
  cancelAll(filter: DeliveryFilter): Promise<number> {
    return this.actOnAll(filter, 'deliveries.cancelled', CANCELLABLE, CANCEL);
  }

  /** Holds all deliveries that wait, after a restore: some were made since the backup. @returns how many */
  holdQueued(): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [, count] = await manager.query<[unknown[], number]>(HOLD);
      const details = { count: String(count), reason: 'restored_backup' };
      if (count > 0) await this.record(manager, 'deliveries.held', ['deliveries', 'all'], details);
      return count;
    });
  }

  private async actOn(
    id: string,
    action: string,
    statuses: readonly DeliveryStatus[],
    statement: string,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const delivery = await manager.findOne(Delivery, { where: { id }, lock });
      if (!delivery) throw new DomainError('delivery_not_found', `No delivery ${id}`);
      const { status, reason, connector } = delivery;
      if (!statuses.includes(status) || reason === 'person_erased')
        throw new DomainError('delivery_ended', `Delivery ${id} is ${status}`);
      await manager.query(statement, [[id]]);
      await this.record(manager, action, ['delivery', id], { connector, status, reason });
    });
  }

  private actOnAll(
    { status, connector, reason, kind, stripeCustomerId }: DeliveryFilter,
    action: string,
    statuses: readonly DeliveryStatus[],
    statement: string,
  ): Promise<number> {
    if (!statuses.includes(status))
      throw new DomainError('delivery_ended', `Deliveries that are ${status} stay so`);
    const values = [status, connector ?? null, reason ?? null, kind ?? null, stripeCustomerId ?? null];
    return inTransaction(this.dataSource, async (manager) => {
      const chosen = await manager.query<{ id: string }[]>(CHOSEN, [...values, BULK_MAX]);
      if (chosen.length === 0) return 0;
      await manager.query(statement, [chosen.map(({ id }) => id)]);
      const details = { status, connector: connector ?? null, count: String(chosen.length) };
      await this.record(manager, action, ['deliveries', connector ?? 'all'], details);
      return chosen.length;
    });
  }

  private async record(
    manager: EntityManager,
    action: string,
    [type, id]: [string, string],
    details: Record<string, string | null>,
  ): Promise<void> {
    await this.facts.record(manager, new OperatorActed(action, { type, id }, details));
  }
}

const RESENDABLE: readonly DeliveryStatus[] = ['queued', 'rejected', 'held', 'cancelled', 'skipped'];

const CANCELLABLE: readonly DeliveryStatus[] = ['queued', 'held', 'rejected', 'skipped'];

const RESEND = `
  update deliveries set status = 'queued', attempts = 0, next_attempt_at = now(), reason = null, detail = null,
    is_unknown = is_unknown and status <> 'held', ended_at = null, updated_at = now()
  where id = any($1)`;

const CANCEL = `
  update deliveries set status = 'cancelled', reason = 'operator', ended_at = now(), updated_at = now()
  where id = any($1)`;

const HOLD = `
  update deliveries set status = 'held', reason = 'restored_backup', claim = null, claimed_until = null, ended_at = now(),
    updated_at = now()
  where status in ('queued', 'delivering')`;

const CHOSEN = `
  select deliveries.id from deliveries
  where status = $1 and ($2::text is null or connector = $2) and ($3::text is null or reason = $3)
    and ($4::text is null or kind = $4) and ($5::text is null or customer_id in (
      select id from customers where stripe_customer_id = $5))
    and reason is distinct from 'person_erased'
  order by position limit $6
  for update of deliveries`;
