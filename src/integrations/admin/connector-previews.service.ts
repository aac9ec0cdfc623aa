import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import {
  BatchRefused,
  type Connector,
  type Fields,
  type OutgoingRow,
  ReadFailed,
} from '../connectors/connector.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { connectorNotFound } from '../connectors/connector-instances.queries.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { ConnectorSessions } from '../connectors/connector-sessions.service.js';
import {
  DeliveryPreparer,
  type Preparable,
  type PreparedDelivery,
} from '../deliveries/delivery-preparer.service.js';
import type { DeliveryResult } from '../deliveries/delivery-results.js';
import { applyMapping, MappingError } from '../mapping/apply-mapping.js';
import { problemsOf } from '../mapping/check-mapping.js';
import { ConnectorMapping } from '../mapping/connector-mapping.entity.js';
import type { CustomerDocument } from '../mapping/customer-document.js';
import { readCustomers } from '../mapping/customer-documents.queries.js';
import type { Mapping } from '../mapping/mapping.js';
import type {
  ConnectorHealthDto,
  FieldChangeDto,
  MappingChangeDto,
  PlanDto,
  PlannedChangeDto,
} from './connector.dto.js';

/** A person that the system does not know yet gets all fields. */
const NEW_PERSON = { isNew: true, current: null };

/** How many customers show the effect of a new mapping: the newest ones. */
const CUSTOMERS_SHOWN = 50;

/** The request of a delivery, or why there would be none. */
export type DeliveryPlan = Pick<PlanDto, 'outcome' | 'reason' | 'request'>;

/** Shows what a connector would do, and how it is. Nothing is written anywhere. */
@Injectable()
export class ConnectorPreviews {
  constructor(
    private readonly registry: ConnectorRegistry,
    private readonly sessions: ConnectorSessions,
    private readonly preparer: DeliveryPreparer,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * The exact request for a customer as it is now, and what it changes in the system.
   * @throws DomainError connector_not_found, customer_not_found
   */
  async plan(name: string, stripeCustomerId: string): Promise<PlanDto> {
    const { instance, connector } = await this.find(name);
    const [customer] = await this.dataSource.query<{ id: string }[]>(
      'select id from customers where stripe_customer_id = $1 order by livemode desc limit 1',
      [stripeCustomerId],
    );
    if (!customer) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const delivery = { customerId: customer.id, kind: 'upsertPerson', content: {} } as const;
    const prepared = await this.prepare(connector, instance, delivery);
    if (!prepared || !('row' in prepared)) {
      return { stripeCustomerId, ...unsent(prepared), request: null, changes: null, readFault: null };
    }
    const { row, ...read } = await this.readPresent(connector, instance, prepared);
    const request = connector.plan(row, this.sessions.masked(connector, instance));
    return { stripeCustomerId, outcome: 'request', reason: null, request, ...read };
  }

  /** The request of a delivery if it were made now, without I/O. @throws DomainError connector_not_found */
  async planDelivery(name: string, given: Omit<Preparable, 'id'>): Promise<DeliveryPlan> {
    const { instance, connector } = await this.find(name);
    const prepared = await this.prepare(connector, instance, given);
    if (!prepared || !('row' in prepared)) return { ...unsent(prepared), request: null };
    const request = connector.plan(prepared.row, this.sessions.masked(connector, instance));
    return { outcome: 'request', reason: null, request };
  }

  private async prepare(connector: Connector, instance: ConnectorInstance, given: Omit<Preparable, 'id'>) {
    const delivery = { id: uuidv7(), ...given };
    return (await this.preparer.prepare(connector, instance, [delivery])).get(delivery.id);
  }

  /** The row with the fields that depend on the present ones, and how it differs from them. */
  private async readPresent(
    connector: Connector,
    instance: ConnectorInstance,
    { row, fieldsWith }: PreparedDelivery,
  ): Promise<Pick<PlanDto, 'changes' | 'readFault'> & { row: OutgoingRow }> {
    if (!connector.readBack) return { row, changes: null, readFault: null };
    try {
      const [present = null] = await connector.readBack([row], this.sessions.open(connector, instance));
      const fields = fieldsWith(present);
      return { row: { ...row, fields }, changes: plannedChanges(present ?? {}, fields), readFault: null };
    } catch (error) {
      return { row, changes: null, readFault: wordFor(error) };
    }
  }

  /** Which fields of the newest customers a mapping would write differently. @throws DomainError mapping_invalid */
  async compare(name: string, given: Record<string, unknown>): Promise<MappingChangeDto[]> {
    const { instance, connector } = await this.find(name);
    const problems = problemsOf(given, connector.readBack !== undefined);
    if (problems.length > 0) throw new DomainError('mapping_invalid', 'The mapping is not valid', problems);
    const version = { connector: name, version: instance.mappingVersion };
    const present = await this.dataSource.manager.findOneByOrFail(ConnectorMapping, version);
    const ids = await this.dataSource.query<{ id: string }[]>(
      'select id from customers where deleted_at is null order by id desc limit $1',
      [CUSTOMERS_SHOWN],
    );
    const customers = await readCustomers(
      this.dataSource.manager,
      ids.map(({ id }) => id),
    );
    return [...customers.values()]
      .map(({ document }) => changesOf(document, present.fields, given as Mapping))
      .filter(({ error, changes }) => error !== null || changes.length > 0);
  }

  /** @throws DomainError connector_not_found */
  async health(name: string): Promise<ConnectorHealthDto> {
    const { instance, connector } = await this.find(name);
    const unknown = { missingScopes: [], missingFields: [], quota: null, account: null };
    try {
      const health = await connector.health(this.sessions.open(connector, instance));
      const { missingScopes, missingFields } = health;
      return {
        ...health,
        missingScopes: [...missingScopes],
        missingFields: [...missingFields],
        detail: null,
      };
    } catch (error) {
      const credential = error instanceof SecretUnreadable ? 'refused' : 'unreachable';
      return { ...unknown, credential, detail: wordFor(error) };
    }
  }

  private async find(name: string) {
    const instance = await this.dataSource.manager.findOneBy(ConnectorInstance, { name });
    if (!instance) throw connectorNotFound(name);
    return { instance, connector: this.registry.get(instance.system) };
  }
}

const logger = new Logger('connectors');

/** Why a system could not be asked. An answer that is not what the system documents is an error of the connector's code. */
function wordFor(error: unknown): string {
  if (error instanceof SecretUnreadable) return error.message;
  if (error instanceof OutboundFault || error instanceof BatchRefused) return error.code;
  if (error instanceof ReadFailed) return error.result.code;
  logger.error({ event: 'connector failed', error });
  return 'connector_error';
}

/** Systems have texts for what a mapping makes of numbers and flags. */
function plannedChanges(present: Fields, next: Fields): PlannedChangeDto[] {
  return Object.entries(next)
    .map(([field, value]) => ({ field, current: present[field] ?? null, next: value }))
    .filter(({ current, next: value }) => String(current ?? '') !== String(value ?? ''));
}

/** Why a delivery would not be sent. */
function unsent(prepared: DeliveryResult | undefined): Pick<PlanDto, 'outcome' | 'reason'> {
  const outcome = (prepared?.result ?? 'cancelled') as Exclude<PlanDto['outcome'], 'request'>;
  return { outcome, reason: prepared && 'code' in prepared ? prepared.code : null };
}

function changesOf(document: CustomerDocument, before: Mapping, after: Mapping): MappingChangeDto {
  const { stripeCustomerId } = document.customer;
  try {
    const old = fieldsOf(before, document) ?? {};
    const fresh = applyMapping(after, document, NEW_PERSON);
    const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].toSorted();
    const changes = names
      .map((field): FieldChangeDto => {
        const rule = after[field];
        const when = rule ? (rule.when ?? 'always') : null;
        return { field, when, before: old[field] ?? null, after: fresh[field] ?? null };
      })
      .filter((change) => change.before !== change.after);
    return { stripeCustomerId, error: null, changes };
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return { stripeCustomerId, error: `${error.field}: ${error.problem}`, changes: [] };
  }
}

/** Null if the present mapping fails for the customer. */
function fieldsOf(mapping: Mapping, document: CustomerDocument): Fields | null {
  try {
    return applyMapping(mapping, document, NEW_PERSON);
  } catch (error) {
    if (error instanceof MappingError) return null;
    throw error;
  }
}
