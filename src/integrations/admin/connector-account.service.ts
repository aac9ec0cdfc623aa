import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { ConnectorErasureSettled } from '../../events/integrations/connector-erasure-settled.event.js';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { ACCOUNT_CHANGED } from '../connectors/connector-accounts.service.js';
import { CLOSED_CIRCUIT, ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { lockConnector } from '../connectors/connector-instances.queries.js';
import { makeDue } from '../operations/make-due.js';

/** Lets a connector go on with another account of its system. */
@Injectable()
export class ConnectorAccountAcceptance {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Deletes all that is known about the old account: its ids would name strangers in the new one. Erasures that are under
   * way there are refused, because the old account cannot be reached any more. While a connector is disabled, only an
   * erasure finds the other account.
   * @throws DomainError connector_not_found, connector_account_unchanged, connector_busy
   */
  accept(name: string): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      const instance = await lockConnector(manager, name);
      if (instance.fault !== ACCOUNT_CHANGED && !(await isRefusedByAccount(manager, name)))
        throw new DomainError('connector_account_unchanged', `${name} has found no other account`);
      if (await isUnderWay(manager, name))
        throw new DomainError('connector_busy', `A delivery to the old account is under way; try again`);
      await manager.query(KEEP_REFUSED, [name]);
      await this.refuseErasures(manager, name);
      const links = await manager.query<[unknown[], number]>(UNLINK, [name]);
      await manager.query(FORGET_CREATED, [name]);
      await manager.update(ConnectorInstance, { name }, UNKNOWN_ACCOUNT);
      await makeDue(manager, name);
      const details = { account: instance.account, links: String(links[1]) };
      const object = { type: 'connector', id: name };
      await this.facts.record(manager, new OperatorActed('connector.account_accepted', object, details));
    });
  }

  private async refuseErasures(manager: EntityManager, connector: string): Promise<void> {
    const [refused] = await manager.query<[{ customerId: string; stripeCustomerId: string }[], number]>(
      REFUSE,
      [connector],
    );
    for (const { customerId, stripeCustomerId } of refused)
      await this.facts.record(
        manager,
        new ConnectorErasureSettled(customerId, stripeCustomerId, connector, 'refused'),
      );
  }
}

const UNKNOWN_ACCOUNT = { account: null, accountCheckedFor: null, ...CLOSED_CIRCUIT };

async function isUnderWay(manager: EntityManager, connector: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(UNDER_WAY, [connector]);
  return rows.length > 0;
}

async function isRefusedByAccount(manager: EntityManager, connector: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(WAITS_FOR_ACCOUNT, [connector]);
  return rows.length > 0;
}

const WAITS_FOR_ACCOUNT = `
  select from connector_erasures
  where connector = $1 and status = 'under_way' and reason = 'account_changed' limit 1`;

/** The new account must not be asked to erase who is in the old one. */
const KEEP_REFUSED = `
  update connector_erasures set reason = 'account_changed'
  where connector = $1 and status in ('refused', 'unsupported')`;

const UNDER_WAY = `select from deliveries where connector = $1 and status = 'delivering' limit 1`;

const UNLINK = 'delete from connector_links where connector = $1';

const FORGET_CREATED =
  'update deliveries set foreign_id = null where connector = $1 and foreign_id is not null';

const REFUSE = `
  update connector_erasures
  set status = 'refused', reason = 'account_changed', next_attempt_at = null, settled_at = now()
  where connector = $1 and status = 'under_way'
  returning customer_id as "customerId", stripe_customer_id as "stripeCustomerId"`;
