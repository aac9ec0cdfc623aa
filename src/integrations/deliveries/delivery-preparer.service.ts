import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import type { Connector, DeliveryKind, Fields, OutgoingEvent, OutgoingRow } from '../connectors/connector.js';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { applyMapping, MappingError } from '../mapping/apply-mapping.js';
import { ConnectorMapping } from '../mapping/connector-mapping.entity.js';
import type { CustomerDocument } from '../mapping/customer-document.js';
import { readCustomers, type ReadCustomer } from '../mapping/customer-documents.queries.js';
import type { Mapping } from '../mapping/mapping.js';
import { fillPlaceholders } from '../mapping/placeholders.js';
import { ConnectorLink } from './connector-link.entity.js';
import type { ClaimedDelivery } from './claims/delivery-claims.queries.js';
import type { DeliveryResult } from './delivery-results.js';

/** The content of a delivery that writes a person whose fields have not changed. */
export const FORCED = { force: true };

/** What is still sent about customers who are deleted. Actions for them are not taken any more. */
const OF_DELETED: ReadonlySet<DeliveryKind> = new Set<DeliveryKind>(['upsertPerson', 'trackEvent']);

/** A delivery that is ready to be sent. */
export interface PreparedDelivery {
  row: OutgoingRow;
  /** Of the fields that follow the customer, also of those that are written into an empty place; null for other kinds. */
  fieldsDigest: string | null;
  /** Whether a field is written only while the system has no value for it. */
  needsCurrent: boolean;
  /** Makes the fields again, once the present ones of the system are known. */
  fieldsWith(current: Fields | null): Fields;
}

/** A delivery to prepare, or one that would be made. */
export interface Preparable extends Pick<ClaimedDelivery, 'id' | 'customerId' | 'kind' | 'content'> {
  /** Attributes that the customer would have by then; null for one that would be removed. */
  attributes?: FutureAttributes;
}

export type FutureAttributes = Readonly<Record<string, string | number | boolean | null>>;

/** Makes rows of deliveries: with the customer as it is now, the mapping, and what the system is known to have. */
@Injectable()
export class DeliveryPreparer {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** By id: the prepared delivery, or the result of one that is not sent. */
  async prepare(
    connector: Connector,
    { name, mappingVersion: version }: Pick<ConnectorInstance, 'name' | 'mappingVersion'>,
    deliveries: readonly Preparable[],
  ): Promise<Map<string, PreparedDelivery | DeliveryResult>> {
    const { manager } = this.dataSource;
    const customerIds = deliveries.map(({ customerId }) => customerId);
    const [customers, links, mapping] = await Promise.all([
      readCustomers(manager, customerIds),
      manager.findBy(ConnectorLink, { connector: name, customerId: In(customerIds) }),
      manager.findOneByOrFail(ConnectorMapping, { connector: name, version }),
    ]);
    const linkOf = new Map(links.map((link) => [link.customerId, link]));
    const { capabilities } = connector.describe();
    const prepared = deliveries.map((delivery) => {
      const customer = customers.get(delivery.customerId);
      const link = linkOf.get(delivery.customerId) ?? null;
      const result = capabilities.includes(delivery.kind)
        ? prepareOne(delivery, customer, link, mapping.fields)
        : ({ result: 'unsendable', code: 'not_supported' } as const);
      return [delivery.id, result] as const;
    });
    return new Map(prepared);
  }
}

function prepareOne(
  { id: deliveryId, kind, content, attributes = {} }: Preparable,
  customer: ReadCustomer | undefined,
  link: ConnectorLink | null,
  mapping: Mapping,
): PreparedDelivery | DeliveryResult {
  if (!customer || customer.isErased) return { result: 'cancelled', code: 'person_erased' };
  const document = withAttributes(customer.document, attributes);
  if (document.customer.deletedAt !== null && !OF_DELETED.has(kind))
    return { result: 'cancelled', code: 'customer_deleted' };
  const row = { deliveryId, kind, person: personOf(document), foreignId: link?.foreignId ?? null };
  if (kind === 'trackEvent') return asIs({ ...row, fields: {}, event: eventOf(content) });
  if (kind !== 'upsertPerson')
    return asIs({ ...row, fields: fillPlaceholders(content as Fields, document), event: null });
  try {
    const isNew = link === null || link.fieldsDigest === null;
    const fieldsDigest = digestOf(applyMapping(mapping, document, { isNew: false, current: null }));
    if (link?.fieldsDigest === fieldsDigest && content.force !== true) return { result: 'unchanged' };
    const fieldsWith = (current?: Fields | null) => applyMapping(mapping, document, { isNew, current });
    const keptFields = Object.keys(mapping).filter(
      (field) => (mapping[field]?.when ?? 'always') !== 'always',
    );
    const needsCurrent = Object.values(mapping).some(({ when }) => when === 'ifEmpty');
    const fields = fieldsWith();
    return { row: { ...row, fields, keptFields, event: null }, fieldsDigest, needsCurrent, fieldsWith };
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return { result: 'unsendable', code: 'mapping_error', detail: `${error.field}: ${error.problem}` };
  }
}

function withAttributes(document: CustomerDocument, changes: FutureAttributes): CustomerDocument {
  const attributes = { ...document.attributes };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete attributes[name];
    else attributes[name] = value;
  }
  return { ...document, attributes };
}

function asIs(row: OutgoingRow): PreparedDelivery {
  return { row, fieldsDigest: null, needsCurrent: false, fieldsWith: () => row.fields };
}

function eventOf(content: Record<string, unknown>): OutgoingEvent {
  const { occurredAt, ...event } = content;
  return { ...event, occurredAt: new Date(String(occurredAt)) } as OutgoingEvent;
}

function personOf({ customer, user }: CustomerDocument): OutgoingRow['person'] {
  const { id: customerId, stripeCustomerId, email, name } = customer;
  return { customerId, stripeCustomerId, userId: user.id, email, name };
}

function digestOf(fields: Fields): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
}
