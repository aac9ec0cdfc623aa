import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UUID_V7_SQL, uuidv7 } from '../../platform/database/uuid.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { connectorNotFound, lockConnector } from '../connectors/connector-instances.queries.js';
import { FORCED } from '../deliveries/delivery-preparer.service.js';
import { ConnectorBackfill } from './connector-backfill.entity.js';

const CUSTOMERS_PER_PAGE = 1000;

/** Brings the persons of all customers to a connector. Each act is audited. */
@Injectable()
export class ConnectorBackfills {
  constructor(
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Newest first. @throws DomainError connector_not_found */
  async list(connector: string): Promise<ConnectorBackfill[]> {
    const { manager } = this.dataSource;
    if (!(await manager.existsBy(ConnectorInstance, { name: connector }))) throw connectorNotFound(connector);
    return manager.find(ConnectorBackfill, { where: { connector }, order: { id: 'DESC' }, take: 100 });
  }

  /**
   * @param isForced whether persons are written whose fields have not changed since they were written last
   * @throws DomainError connector_not_found, connector_disabled, connector_sends_no_people, backfill_running
   */
  async start(connector: string, isForced = false): Promise<ConnectorBackfill> {
    return this.change(async (manager, unit) => {
      const instance = await lockConnector(manager, connector);
      if (!instance.enabled) throw new DomainError('connector_disabled', `Enable ${connector} first`);
      if (!instance.sendsPeople)
        throw new DomainError('connector_sends_no_people', `${connector} keeps no persons up to date`);
      if (await manager.existsBy(ConnectorBackfill, { connector, status: 'running' }))
        throw new DomainError('backfill_running', `A backfill of ${connector} is running`);
      const now = new Date();
      const fresh = {
        id: uuidv7(),
        connector,
        status: 'running' as const,
        position: null,
        queued: 0,
        isForced,
      };
      const backfill = { ...fresh, createdAt: now, updatedAt: now, finishedAt: null };
      await manager.insert(ConnectorBackfill, backfill);
      this.enqueue(backfill, unit);
      this.emit('connector.backfill_started', backfill, unit);
      return backfill;
    });
  }

  /** What it has queued so far stays queued. @throws DomainError backfill_not_found, backfill_ended */
  async cancel(connector: string, id: string): Promise<ConnectorBackfill> {
    return this.change(async (manager, unit) => {
      const backfill = await locked(manager, connector, id);
      if (backfill.status !== 'running') throw new DomainError('backfill_ended', `It is ${backfill.status}`);
      const ended = { status: 'cancelled' as const, updatedAt: new Date(), finishedAt: new Date() };
      await manager.update(ConnectorBackfill, { id }, ended);
      this.emit('connector.backfill_cancelled', backfill, unit);
      return { ...backfill, ...ended };
    });
  }

  /** Goes on with a cancelled backfill, after its last customer. @throws DomainError backfill_not_found, backfill_running, backfill_ended */
  async resume(connector: string, id: string): Promise<ConnectorBackfill> {
    return this.change(async (manager, unit) => {
      const backfill = await locked(manager, connector, id);
      if (backfill.status === 'complete') throw new DomainError('backfill_ended', 'It is complete');
      if (await manager.existsBy(ConnectorBackfill, { connector, status: 'running' }))
        throw new DomainError('backfill_running', `A backfill of ${connector} is running`);
      const running = { status: 'running' as const, updatedAt: new Date(), finishedAt: null };
      await manager.update(ConnectorBackfill, { id }, running);
      this.enqueue(backfill, unit);
      this.emit('connector.backfill_resumed', backfill, unit);
      return { ...backfill, ...running };
    });
  }

  /** Queues the next page of customers. @returns whether there is more to do */
  queuePage(id: string): Promise<boolean> {
    return inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const backfill = await manager.findOne(ConnectorBackfill, { where: { id }, lock });
      if (backfill?.status !== 'running') return false;
      const { connector, position, isForced } = backfill;
      const [page] = await manager.query<[{ last: string | null; count: number }]>(QUEUE_PAGE, [
        connector,
        id,
        position,
        CUSTOMERS_PER_PAGE,
        JSON.stringify(isForced ? FORCED : {}),
      ]);
      const queued = backfill.queued + page.count;
      const isLast = page.count < CUSTOMERS_PER_PAGE;
      const ended = isLast ? { status: 'complete' as const, finishedAt: new Date() } : {};
      const progress = { queued, position: page.last ?? position, updatedAt: new Date() };
      await manager.update(ConnectorBackfill, { id }, { ...progress, ...ended });
      return !isLast;
    });
  }

  private enqueue({ id, connector }: Pick<ConnectorBackfill, 'id' | 'connector'>, unit: UnitOfWork): void {
    unit.enqueue('backfill-connector', { backfillId: id }, { key: `backfill ${connector}` });
  }

  private emit(action: string, backfill: ConnectorBackfill, unit: UnitOfWork): void {
    const { id, connector, queued, isForced } = backfill;
    const details = { backfillId: id, queued: String(queued), isForced: String(isForced) };
    this.facts.emit(new OperatorActed(action, { type: 'connector', id: connector }, details), unit);
  }

  private change<T>(work: (manager: EntityManager, unit: UnitOfWork) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      const result = await work(manager, unit);
      await this.writer.write(manager, [unit]);
      return result;
    });
  }
}

/**
 * Customers by id, which is the order of their creation: new ones come through the outbox anyway. A customer whose erasure
 * commits in between is left out, as by `enqueueDelivery`.
 */
const QUEUE_PAGE = `
  with page as materialized (
    select id from customers
    where ($3::uuid is null or id > $3) and deleted_at is null and erased_at is null
    order by id limit $4
  ), queued as (
    insert into deliveries (id, connector, customer_id, kind, occurrence, content, status, is_backfill, attempts,
      next_attempt_at, is_unknown, created_at, updated_at)
    select ${UUID_V7_SQL}, $1, page.id, 'upsertPerson', $2, $5::jsonb, 'queued', true, 0, now(), false, now(), now()
    from page join customers on customers.id = page.id
    where erased_at is null and not exists (
      select from connector_erasures erasure where erasure.connector = $1 and erasure.customer_id = page.id)
    order by page.id
    for key share of customers
    on conflict do nothing
  )
  select max(id::text) as last, count(*)::integer as count from page`;

async function locked(manager: EntityManager, connector: string, id: string): Promise<ConnectorBackfill> {
  const lock = { mode: 'pessimistic_write' } as const;
  const backfill = await manager.findOne(ConnectorBackfill, { where: { id, connector }, lock });
  if (!backfill) throw new DomainError('backfill_not_found', `No backfill ${id}`);
  return backfill;
}
