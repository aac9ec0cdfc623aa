import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { providersMarkedBy } from '../../platform/marked-providers.js';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { lockConnector } from '../connectors/connector-instances.queries.js';
import { type ConnectorUser, UsesConnectors } from './connector-user.js';

const ROWS_PER_PAGE = 2000;

/** Deletes connectors. What they delivered stays, so that no effect happens twice under the same name. */
@Injectable()
export class ConnectorDeletion implements OnModuleInit {
  private users = new Map<string, ConnectorUser>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  onModuleInit(): void {
    this.users = providersMarkedBy(this.discovery, UsesConnectors, 'user of connectors');
  }

  /**
   * Deletes a connector with its secrets, mappings, links and backfills, and cancels what waits. The receipts of erasures
   * stay.
   * @throws DomainError connector_not_found, connector_enabled, connector_busy, connector_in_use
   */
  async delete(name: string): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      await this.lockDeletable(manager, name);
      await manager.query(END_BACKFILLS, [name]);
    });
    const cancelled = await this.cancelAll(name);
    await inTransaction(this.dataSource, async (manager) => {
      const { system } = await this.lockDeletable(manager, name);
      for (const statement of REMOVE) await manager.query(statement, [name]);
      const details = { system, cancelled: String(cancelled) };
      const object = { type: 'connector', id: name };
      await this.facts.record(manager, new OperatorActed('connector.deleted', object, details));
    });
  }

  private async lockDeletable(manager: EntityManager, name: string): Promise<ConnectorInstance> {
    const instance = await lockConnector(manager, name);
    if (instance.enabled) throw new DomainError('connector_enabled', `Disable ${name} first`);
    await assertIdle(manager, name);
    await this.assertUnused(manager, name);
    return instance;
  }

  /** A page at a time, so that no statement takes long. A deletion that breaks off is repeated. @returns how many */
  private async cancelAll(name: string): Promise<number> {
    let cancelled = 0;
    for (let count = ROWS_PER_PAGE; count === ROWS_PER_PAGE;) {
      [, count] = await this.dataSource.query<[unknown[], number]>(CANCEL_PAGE, [name, ROWS_PER_PAGE]);
      cancelled += count;
    }
    return cancelled;
  }

  private async assertUnused(manager: EntityManager, name: string): Promise<void> {
    const uses: string[] = [];
    for (const [kind, user] of this.users)
      for (const use of await user.usesOf(name, manager)) uses.push(`${kind}: ${use}`);
    if (uses.length > 0) throw new DomainError('connector_in_use', `${name} is in use`, uses);
  }
}

/** An attempt or an erasure that is under way needs the secrets. */
async function assertIdle(manager: EntityManager, name: string): Promise<void> {
  const [busy] = await manager.query<[{ erasures: number; attempts: number }]>(BUSY, [name]);
  const reasons = [
    ...(busy.erasures > 0 ? [`${busy.erasures} erasures wait for their receipts`] : []),
    ...(busy.attempts > 0 ? [`${busy.attempts} deliveries are under way`] : []),
  ];
  if (reasons.length > 0) throw new DomainError('connector_busy', `${name} is at work`, reasons);
}

const BUSY = `
  select (
    select count(*)::integer from connector_erasures where connector = $1 and status = 'under_way') as erasures, (
    select count(*)::integer from deliveries where connector = $1 and status = 'delivering') as attempts`;

/** What has not arrived, each part with an index of its own. */
const NOT_ARRIVED = [
  `status = 'queued'`,
  `status in ('rejected', 'held')`,
  `status = 'skipped'`,
  `status = 'cancelled' and reason is distinct from 'connector_deleted'`,
];

const PAGE = NOT_ARRIVED.map(
  (part) => `(select id from deliveries where connector = $1 and ${part} limit $2)`,
).join(' union all ');

/** A later connector of the same name may belong to another account, so nothing of this one can be queued again. */
const SET_DELETED = `
  update deliveries set status = 'cancelled', reason = 'connector_deleted', content = '{}', detail = null,
    ended_at = coalesce(ended_at, now()), updated_at = now()
  where status not in ('accepted', 'unchanged', 'delivering')`;

const CANCEL_PAGE = `${SET_DELETED} and id in (select id from (${PAGE}) as page limit $2)`;

/** Waits for a page that is being queued, and keeps the next one from being queued. */
const END_BACKFILLS = 'delete from connector_backfills where connector = $1';

/** The ids of what actions created go with the links: in another account they name what belongs to strangers. */
const REMOVE = [
  END_BACKFILLS,
  ...NOT_ARRIVED.map((part) => `${SET_DELETED} and connector = $1 and ${part}`),
  'update deliveries set foreign_id = null where connector = $1 and foreign_id is not null',
  'delete from connector_links where connector = $1',
  `update connector_erasures set reason = 'connector_deleted'
   where connector = $1 and status in ('refused', 'unsupported')`,
  'delete from connector_mappings where connector = $1',
  'delete from connectors where name = $1',
];
