import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { ConnectorErasureSettled } from '../../events/integrations/connector-erasure-settled.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { nextAttemptAt } from '../../platform/delivery/delivery-schedule.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import {
  BatchRefused,
  type Connector,
  type CreatedObject,
  type ErasureResult,
  ReadFailed,
} from '../connectors/connector.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { AccountUncertain, ConnectorAccounts } from '../connectors/connector-accounts.service.js';
import { unsettledByFault } from '../connectors/http-results.js';
import { ConnectorErasure } from './connector-erasure.entity.js';
import { forgetPerson } from './forget-person.js';
import { findUncertain, type TriedAction } from './uncertain-objects.js';

const LONGEST_WAIT_MS = 8 * 3_600_000;

/** Another attempt begins after two minutes. */
const ANSWERS_WITHIN_MS = 110_000;

/** An erasure that an attempt has taken. */
interface TakenErasure {
  customerId: string;
  stripeCustomerId: string;
  attempts: number;
  foreignIds: string[];
  created: CreatedObject[];
  tried: TriedAction[];
}

/** Erases persons in the systems that know them, after what is under way, until there is a receipt. */
@Injectable()
export class ConnectorErasures {
  private readonly logger = new Logger('connectors');

  constructor(
    private readonly registry: ConnectorRegistry,
    private readonly accounts: ConnectorAccounts,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Makes an attempt for one erasure. @returns how many; 0 if none is due */
  async eraseNext(name: string): Promise<number> {
    const { manager } = this.dataSource;
    // Read before the ids: if its account changes in between, the ids are not used.
    const instance = await manager.findOneBy(ConnectorInstance, { name });
    if (!instance) return 0;
    const [[erasure]] = await manager.query<[TakenErasure[], number]>(TAKE, [name]);
    if (!erasure) return 0;
    const result = await this.attempt(this.registry.get(instance.system), instance, erasure);
    await inTransaction(this.dataSource, (transaction) => this.record(transaction, name, erasure, result));
    this.logger.log({ event: 'erasure attempted', connector: name, ...result });
    return 1;
  }

  private async attempt(
    connector: Connector,
    instance: ConnectorInstance,
    { customerId, stripeCustomerId, foreignIds, created, tried }: TakenErasure,
  ): Promise<ErasureResult> {
    if (!connector.erase) return { receipt: 'unsupported' };
    try {
      const session = await this.accounts.open(connector, instance, Date.now() + ANSWERS_WITHIN_MS);
      const person = { customerId, stripeCustomerId, foreignIds };
      const { found, lost } = await findUncertain(connector, tried, person, session);
      const result = await connector.erase({ ...person, created: [...created, ...found] }, session);
      return lost > 0 && 'receipt' in result ? { receipt: 'refused', code: 'outcome_unknown' } : result;
    } catch (error) {
      if (error instanceof OutboundFault) return unsettledByFault(error);
      if (error instanceof AccountUncertain) return { result: 'auth', code: error.reason.replace(' ', '_') };
      if (error instanceof ReadFailed) return error.result;
      if (error instanceof BatchRefused) return { receipt: 'refused', code: error.code };
      if (error instanceof SecretUnreadable) return { result: 'auth', code: 'secret_unreadable' };
      this.logger.error({ event: 'erasure failed', connector: instance.name, error });
      return { result: 'unknown', code: 'connector_error' };
    }
  }

  /**
   * With the receipt, the ids in the system are removed as well. Without one, it is tried for ever. An attempt that
   * another one has taken over records nothing.
   */
  private async record(
    manager: EntityManager,
    connector: string,
    { customerId, stripeCustomerId, attempts }: TakenErasure,
    result: ErasureResult,
  ): Promise<void> {
    const reason = 'code' in result ? result.code : null;
    const own = { connector, customerId, attempts, status: 'under_way' as const };
    if (!('receipt' in result)) {
      const now = new Date();
      const scheduled = nextAttemptAt(attempts, now) ?? new Date(now.getTime() + LONGEST_WAIT_MS);
      const next = 'at' in result && result.at && result.at > scheduled ? result.at : scheduled;
      await manager.update(ConnectorErasure, own, { nextAttemptAt: next, reason });
      return;
    }
    const { receipt: status } = result;
    const settled = { status, reason, nextAttemptAt: null, settledAt: new Date() };
    const { affected } = await manager.update(ConnectorErasure, own, settled);
    if (affected === 0) return;
    if (status === 'accepted' || status === 'confirmed') await forgetPerson(manager, connector, customerId);
    await this.facts.record(
      manager,
      new ConnectorErasureSettled(customerId, stripeCustomerId, connector, status),
    );
  }
}

/** The index of a search is behind by so much. */
const SEARCHABLE_AFTER = `interval '1 minute'`;

const CREATES = `kind in ('createTask', 'createTicket')`;

/**
 * An erasure waits until no delivery about its person is under way, and what one may have created can be found. A process
 * that dies leaves it for another one.
 */
const TAKE = `
  update connector_erasures erasure
  set attempts = attempts + 1, next_attempt_at = now() + interval '2 minutes'
  where (connector, customer_id) = (
    select connector, customer_id from connector_erasures due
    where connector = $1 and status = 'under_way' and next_attempt_at <= now() and not exists (
      select from deliveries where deliveries.connector = $1 and deliveries.customer_id = due.customer_id
        and (deliveries.status = 'delivering'
          or is_unknown and ${CREATES} and tried_at > now() - ${SEARCHABLE_AFTER}))
    order by next_attempt_at limit 1
    for update skip locked)
  returning customer_id as "customerId", stripe_customer_id as "stripeCustomerId", attempts, array(
    select foreign_id from connector_links link where link.connector = $1 and link.customer_id = erasure.customer_id
      and foreign_id is not null) as "foreignIds", (
    select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'foreignId', foreign_id) order by position), '[]')
    from deliveries where deliveries.connector = $1 and deliveries.customer_id = erasure.customer_id
      and foreign_id is not null) as created, (
    select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'deliveryId', id, 'isUnknown', is_unknown)
      order by position), '[]')
    from deliveries where deliveries.connector = $1 and deliveries.customer_id = erasure.customer_id
      and ${CREATES} and tried_at is not null and foreign_id is null and deliveries.status <> 'accepted') as tried`;
