import { DiscoveryService } from '@nestjs/core';
import type { FactTypeName } from '../../events/integrations/fact-types.js';
import type { OutboundRequest, OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import type { Fields, Mapping } from '../mapping/mapping.js';

export type { Fields, FieldValue } from '../mapping/mapping.js';

/** What a delivery asks a system to do. */
export const DELIVERY_KINDS = [
  'upsertPerson',
  'trackEvent',
  'startJourney',
  'createTask',
  'createTicket',
  'postMessage',
] as const;

export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/** What a system can do. */
export type Capability = DeliveryKind | 'erase' | 'readBack' | 'search';

export type ConnectorFamily = 'crm' | 'marketing' | 'success' | 'support' | 'messaging' | 'events';

/** A setting of an instance; the console draws its form from these. */
export interface SettingField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'url' | 'number' | 'flag';
  /** Used while the setting is not given. A setting without a default must be given. */
  readonly default?: string | number | boolean;
  /** The only values of a text. */
  readonly choices?: readonly string[];
  /** Whether it decides where requests go, as a `url` does. With another value, secrets must be given again. */
  readonly isAddress?: boolean;
}

/** A secret that an instance needs. */
export interface SecretField {
  readonly name: string;
  readonly label: string;
  /** Whether an instance works without it. Its value is then empty. The label says what is missing without it. */
  readonly isOptional?: boolean;
  /** Whether it is the address that requests go to. */
  readonly isUrl?: boolean;
}

/** How many requests a credential may make. A system's own headers win over it. */
export interface RatePolicy {
  /** Requests per `perSeconds`, evenly spaced; 0: no limit. */
  readonly requests: number;
  readonly perSeconds: number;
  /** How many batches are under way at a time, in each process. */
  readonly concurrency: number;
  /** When the next request may be made, by the headers of an answer; null if they ask for no pause. */
  readonly freeAgainAt?: (headers: OutboundResponse['headers'], now: Date) => Date | null;
}

/** What a connector declares about its system. */
export interface ConnectorDescription {
  readonly family: ConnectorFamily;
  readonly title: string;
  readonly settings: readonly SettingField[];
  readonly secrets: readonly SecretField[];
  readonly capabilities: readonly Capability[];
  /** The most rows of one request, and the most bytes of its body. */
  readonly batch: Readonly<{ rows: number; bytes: number }>;
  readonly rate: RatePolicy;
  /** Kinds that may arrive twice, because the second time changes nothing. Usually `upsertPerson` and `trackEvent`. */
  readonly repeatable?: readonly DeliveryKind[];
  /** The mapping of a new instance. */
  readonly mapping: Mapping;
  /** Facts that a new instance sends as events. */
  readonly events?: readonly FactTypeName[];
}

/** The person that a row is about, read when the row is delivered. */
export interface OutgoingPerson {
  readonly customerId: string;
  readonly stripeCustomerId: string;
  readonly userId: string | null;
  readonly email: string;
  readonly name: string | null;
}

/** A field of an action. */
export interface ActionField {
  readonly name: string;
  readonly isRequired: boolean;
}

const required = (name: string): ActionField => ({ name, isRequired: true });
const optional = (name: string): ActionField => ({ name, isRequired: false });

/**
 * The fields that every system understands, by kind of action. `dueAt` is a time in ISO 8601; `priority` is `low`,
 * `normal`, `high` or `urgent`; `tags` is separated by commas; `journey` is the system's own name or id of a campaign.
 */
export const ACTION_FIELDS: Readonly<
  Record<Exclude<DeliveryKind, 'upsertPerson' | 'trackEvent'>, readonly ActionField[]>
> = {
  startJourney: [required('journey')],
  createTask: [required('title'), optional('body'), optional('dueAt')],
  createTicket: [required('title'), required('body'), optional('priority'), optional('tags')],
  postMessage: [required('text')],
};

/** One delivery, ready to be sent. */
export interface OutgoingRow {
  /** A UUID v7 that stays over all attempts: the key of idempotency, and the reference to search by. */
  readonly deliveryId: string;
  readonly kind: DeliveryKind;
  readonly person: OutgoingPerson;
  /** The person's id in the system, once it is known. */
  readonly foreignId: string | null;
  /** `upsertPerson`: the mapped fields. Other kinds: those of `ACTION_FIELDS`, and what the action adds to them. */
  readonly fields: Fields;
  /** `upsertPerson`: the fields that a person who was in the system before keeps, if it has a value for them (`keepFilled`). */
  readonly keptFields?: readonly string[];
  /** `trackEvent`: the fact. */
  readonly event: OutgoingEvent | null;
}

/** A fact as an event of the system. */
export interface OutgoingEvent {
  readonly type: FactTypeName;
  readonly data: Readonly<Record<string, unknown>>;
  /** Counts the facts of the customer. */
  readonly sequence: number;
  readonly occurredAt: Date;
}

/**
 * What came of one row.
 * - `accepted`, `unchanged`: the row has ended. `foreignId` is remembered: the id of the person, or of what the action created.
 * - `rejected`: the system refuses this row for good. It becomes a dead letter.
 * - `retry`: nothing was written; not before `at`.
 * - `unknown`: it may have been written. Kinds that may be repeated are; others are searched, or held.
 * - `auth`, `quota`: the credential is refused, or the rate or quota used up. The connector pauses, not the row.
 */
export type RowResult =
  | { result: 'accepted' | 'unchanged'; foreignId?: string }
  | { result: 'rejected'; code: string; detail?: string }
  | { result: 'retry' | 'quota'; code: string; at?: Date | null }
  | { result: 'unknown' | 'auth'; code: string };

/** A result that says nothing final about the row. */
export type Unsettled = Exclude<RowResult, { result: 'accepted' | 'unchanged' | 'rejected' }>;

/** The system refused a whole batch because of one of its rows. The engine halves it until it finds the row. */
export class BatchRefused extends Error {
  constructor(
    /** One word for operators, such as `http_400`. */
    readonly code: string,
    /** What the system answered, without personal data. */
    readonly detail?: string,
  ) {
    super(`The system refused the batch: ${code}`);
  }
}

/** A read got an answer other than success. Nothing was written. */
export class ReadFailed extends Error {
  constructor(
    readonly result: Unsettled,
    /** Whether the read was understood and refused, so that one row may be to blame. */
    readonly isRefusal = false,
  ) {
    super(`The system did not answer a read: ${result.code}`);
  }
}

/** A request as it would be sent, with its secrets masked. */
export interface PlannedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a connector builds a request from: all values of its instance. */
export interface ConnectorValues {
  /** With the defaults of `describe()`. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The value of a secret; a mask while a request is only planned. */
  secret(name: string): string;
}

/** An instance at work. */
export interface ConnectorSession extends ConnectorValues {
  /**
   * Sends a request, once the rate allows it. An answer of any status is returned.
   * @throws OutboundFault if there is no whole answer, or if the claim of the rows ends before it would have to come
   */
  request(request: OutboundRequest): Promise<OutboundResponse>;
}

/** Who is to be erased in a system. Personal data are gone by then: only ids are left. */
export interface ErasedPerson {
  readonly customerId: string;
  readonly stripeCustomerId: string;
  /** All ids that the system has given the person. Empty if none is known. */
  readonly foreignIds: readonly string[];
  /** What actions created about the person, such as tasks and tickets. */
  readonly created: readonly CreatedObject[];
}

/** Something that an action created in a system. */
export interface CreatedObject {
  readonly kind: DeliveryKind;
  readonly foreignId: string;
}

/** The receipt of an erasure, or why there is none yet. */
export type ErasureResult =
  { receipt: 'accepted' | 'confirmed' | 'unsupported' } | { receipt: 'refused'; code: string } | Unsettled;

/** What an operator wants to know about an instance. */
export interface ConnectorHealth {
  readonly credential: 'accepted' | 'refused' | 'unknown';
  /** Rights that the credential lacks. */
  readonly missingScopes: readonly string[];
  /** Fields that must be added in the system first. */
  readonly missingFields: readonly string[];
  readonly quota: Readonly<{ limit: number; remaining: number; resetsAt: Date | null }> | null;
  /**
   * The system's own id of the account that the credential opens, with its host where each installation counts its own
   * accounts; null if the system does not say.
   */
  readonly account: string | null;
}

/** A system that people work in. One class per system; it has no state and reads no database. */
export interface Connector {
  describe(): ConnectorDescription;

  /**
   * Sends rows of one kind, at most a batch, and returns one result per row, in their order. Rows of a kind that may not
   * arrive twice come one by one.
   * @throws BatchRefused if one row spoils the others; ReadFailed if nothing was written; OutboundFault if there is no answer
   */
  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]>;

  /** The exact request for a row, without I/O. */
  plan(row: OutgoingRow, values: ConnectorValues): PlannedRequest;

  /** Removes a person from the system for good. @throws OutboundFault */
  erase?(person: ErasedPerson, session: ConnectorSession): Promise<ErasureResult>;

  /** @throws OutboundFault, or ReadFailed while the system cannot say its account, so that it is asked again */
  health(session: ConnectorSession): Promise<ConnectorHealth>;

  /**
   * The fields of some persons as the system has them now, in the order of the rows; null only for a person that the
   * system does not know.
   * @throws ReadFailed (`assertRead`), OutboundFault
   */
  readBack?(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]>;

  /**
   * The id of what an earlier attempt of this row created; null only if it created nothing. Looks by `deliveryId`.
   * @throws as `readBack`
   */
  search?(row: OutgoingRow, session: ConnectorSession): Promise<string | null>;

  /** The id of what an action creates, where the system derives it from the id of the delivery. */
  createdIdOf?(deliveryId: string): string;
}

/** Marks the one class of a system: `@Connects('hubspot')`. The boot fails on two. */
export const Connects = DiscoveryService.createDecorator<string>();
