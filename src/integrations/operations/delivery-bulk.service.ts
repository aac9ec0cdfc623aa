import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { JobPayloads } from '../../events/job-tasks.js';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import type { DeliveryStatus } from '../deliveries/delivery.entity.js';
import { type ActName, changeDeliveries, DELIVERY_ACTS, FINAL_REASONS } from './delivery-acts.js';

/** Selects deliveries. */
export interface DeliveryFilter {
  status: DeliveryStatus;
  connector?: string;
  reason?: string;
  kind?: string;
  /** Stripe's id of the customer. */
  stripeCustomerId?: string;
}

/** What a bulk act comes to. */
export interface BulkReport {
  /** How many deliveries matched. */
  matching: number;
  /** How many of them were changed so far. */
  done: number;
  /** Whether a job changes them. */
  isRunning: boolean;
}

/** So many deliveries are changed within the request. More are changed by a job. */
const AT_ONCE = 1000;
const ROWS_PER_PAGE = 2000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Acts of operators on all deliveries that match. Each is audited once, with their number. */
@Injectable()
export class DeliveryBulk {
  constructor(
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    private readonly registry: ConnectorRegistry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError delivery_ended if the act does not fit deliveries of the status */
  start(act: ActName, filter: DeliveryFilter): Promise<BulkReport> {
    const { from, many } = DELIVERY_ACTS[act];
    const { status, connector = null } = filter;
    if (!from.includes(status))
      throw new DomainError('delivery_ended', `Deliveries that are ${status} stay so`);
    return inTransaction(this.dataSource, async (manager) => {
      const before = new Date();
      const [{ matching }] = await manager.query<[{ matching: number }]>(COUNT, valuesOf(filter, before));
      if (matching === 0) return { matching, done: 0, isRunning: false };
      const details = { status, connector, count: String(matching) };
      const object = { type: 'deliveries', id: connector ?? 'all' };
      await this.facts.record(manager, new OperatorActed(many, object, details));
      if (matching <= AT_ONCE) {
        const { done } = await this.changePage(manager, { act, filter, before, after: FIRST_ID });
        return { matching, done, isRunning: false };
      }
      const unit = new UnitOfWork();
      unit.enqueue('change-deliveries', { act, filter: { ...filter }, before: before.toISOString() });
      await this.writer.write(manager, [unit]);
      return { matching, done: 0, isRunning: true };
    });
  }

  /** Changes deliveries page by page, those that have not changed since the act was ordered. @returns how many */
  async finish({ act, filter, before }: JobPayloads['change-deliveries']): Promise<number> {
    const order = { act, filter: filter as DeliveryFilter, before: new Date(before) };
    let done = 0;
    let page: Page = { done: 0, last: FIRST_ID };
    do {
      const after = page.last ?? FIRST_ID;
      page = await inTransaction(this.dataSource, (manager) => this.changePage(manager, { ...order, after }));
      done += page.done;
    } while (page.last !== null);
    return done;
  }

  private async changePage(
    manager: EntityManager,
    { act, filter, before, after }: { act: ActName; filter: DeliveryFilter; before: Date; after: string },
  ): Promise<Page> {
    const chosen = await manager.query<{ id: string }[]>(CHOSEN, [
      ...valuesOf(filter, before),
      after,
      ROWS_PER_PAGE,
    ]);
    const ids = chosen.map(({ id }) => id);
    if (ids.length > 0) await changeDeliveries(manager, this.registry, act, ids);
    return { done: ids.length, last: ids.length < ROWS_PER_PAGE ? null : (ids.at(-1) ?? null) };
  }
}

interface Page {
  done: number;
  /** The id of the last delivery; null after the last page. */
  last: string | null;
}

function valuesOf({ status, connector, reason, kind, stripeCustomerId }: DeliveryFilter, before: Date) {
  const given = [connector ?? null, reason ?? null, kind ?? null, stripeCustomerId ?? null];
  return [status, ...given, FINAL_REASONS, before];
}

/** What changed since is left out: a delivery that was queued again and failed again is not queued for ever. */
const MATCHING = `
  status = $1 and ($2::text is null or connector = $2) and ($3::text is null or reason = $3)
    and ($4::text is null or kind = $4) and ($5::text is null or customer_id in (
      select id from customers where stripe_customer_id = $5))
    and coalesce(reason, '') <> all($6::text[]) and updated_at <= $7`;

const COUNT = `select count(*)::integer as matching from deliveries where ${MATCHING}`;

const CHOSEN = `
  select id from deliveries where ${MATCHING} and id > $8 order by id limit $9
  for update`;
