import { Injectable } from '@nestjs/common';
import type { OutboundRequest, OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import { sendChecked, tooLarge } from '../connectors/checked-rows.js';
import {
  BatchRefused,
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type ErasedPerson,
  type ErasureResult,
  type Fields,
  type OutgoingRow,
  ReadFailed,
  type RowResult,
} from '../connectors/connector.js';
import {
  asRead,
  erasureUnsettledBy,
  isFromElsewhere,
  NOT_IN_ANSWER,
  unsettledBy,
} from '../connectors/http-results.js';
import { assertAccountSaid, EMAIL_OF_ANOTHER } from '../connectors/row-results.js';
import { basicAuthorization } from '../connectors/texts.js';
import { matchProfiles, type Profile, readRequest } from './customerio/customerio-profiles.js';
import { ulidOf } from './customerio/ulid.js';

/** Customer.io takes 32 KB; identifiers that are found out later are added to an item. */
const ITEM_BYTES_MAX = 32_000;
/** Attributes that are identifiers, options of a request, or consent. */
const NOT_WRITTEN = /^(id|cio_id|anonymous_id|_update|unsubscribed|cio_subscription_preferences(\..*)?)$/;

/** The answer to a batch with refused items. https://docs.customer.io/integrations/api/track/tag/track_v2/batch/ */
interface ItemError {
  batch_index?: number;
  reason?: string;
  field?: string;
  message?: string;
}

/**
 * Customer.io: people by our id. It answers 200 to identifiers that it does not write, so persons are read before they
 * are written, and an identifier is changed by `cio_id`. A journey starts with an event of its name: a broadcast is
 * meant for groups and can be triggered once in ten seconds, without a key that makes it happen once.
 */
@Injectable()
@Connects('customerio')
export class CustomerIoConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'marketing',
      title: 'Customer.io',
      settings: [
        { name: 'siteId', label: 'Site ID of the workspace', kind: 'text' },
        {
          name: 'baseUrl',
          label: 'Address of the Track API; in the EU https://track-eu.customer.io',
          kind: 'url',
          default: 'https://track.customer.io',
        },
      ],
      secrets: [
        { name: 'trackKey', label: 'Key of the Track API' },
        { name: 'appKey', label: 'Key of the App API, which finds people by id and email' },
      ],
      capabilities: ['upsertPerson', 'trackEvent', 'startJourney', 'erase', 'readBack'],
      batch: { rows: 100, bytes: 490_000 },
      // The App API takes 10 requests a second; the Track API asks for no more than 100.
      rate: { requests: 10, perSeconds: 1, concurrency: 2 },
      repeatable: ['upsertPerson', 'trackEvent', 'startJourney'],
      events: ['customer.stage_changed', 'customer.milestone_reached', 'payment.failed'],
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        first_name: { from: 'customer.name', apply: ['first_word'], when: 'ifEmpty' },
        last_name: { from: 'customer.name', apply: ['last_words'], when: 'ifEmpty' },
        created_at: { from: 'customer.createdAt', apply: ['unix_seconds'], when: 'ifEmpty' },
        timezone: { from: 'preferences.timezone', when: 'ifEmpty' },
        lifecycle_stage: { from: 'lifecycle.stage' },
        stripe_customer_id: { from: 'customer.stripeCustomerId' },
      },
    };
  }

  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    return sendChecked(rows, problemOf, (sound) =>
      sound[0]?.kind === 'upsertPerson' ? upsert(sound, session) : send(sound.map(eventItem), session),
    );
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    return { ...batchOf([itemOf(row)], values), headers: { authorization: 'Basic <trackKey>' } };
  }

  async readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    const matches = await matchProfiles(rows, session);
    if (!Array.isArray(matches)) throw new ReadFailed(asRead(matches));
    return matches.map(({ profile }) => profile?.attributes ?? null);
  }

  /** Suppression deletes the person and blocks its identifiers, also those of a person that is not there. */
  async erase({ customerId, foreignIds }: ErasedPerson, session: ConnectorSession): Promise<ErasureResult> {
    const identifiers = [{ id: customerId }, ...foreignIds.map((cioId) => ({ cio_id: cioId }))];
    const items = identifiers.map((one) => ({ type: 'person', identifiers: one, action: 'suppress' }));
    const response = await session.request(batchOf(items, session));
    const [error] = errorsOf(response);
    if (error) return { receipt: 'refused', code: codeOf(error) };
    if (response.status !== 200) return erasureUnsettledBy(response);
    return isFromElsewhere(response) ? NOT_IN_ANSWER : { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const region = await session.request(trackRequest(session, 'GET', '/api/v1/accounts/region'));
    const { status, json } = region;
    const app = await session.request(readRequest('id', ['health-check'], session));
    const { url, environment_id: workspace } = (json ?? {}) as { url?: string; environment_id?: number };
    const isElsewhere = url !== undefined && url !== session.settings.baseUrl;
    const isRefused = (code: number) => code === 401 || code === 403;
    if (!isRefused(status)) assertAccountSaid(region, workspace !== undefined);
    return {
      credential: isRefused(status) ? 'refused' : 'accepted',
      missingScopes: [
        ...(isRefused(app.status) ? ['App API: read people'] : []),
        ...(isElsewhere ? [`Setting baseUrl: ${url}`] : []),
      ],
      missingFields: [],
      quota: null,
      account: workspace === undefined ? null : String(workspace),
    };
  }
}

async function upsert(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
  const matches = await matchProfiles(rows, session);
  if (!Array.isArray(matches)) return rows.map(() => matches);
  const profiles = new Map(rows.map((row, at) => [row, matches[at]?.profile ?? null]));
  const takes = (_row: OutgoingRow, at: number) => (matches[at]?.isOfAnother ? EMAIL_OF_ANOTHER : null);
  return sendChecked(rows, takes, async (own) => {
    const results = await send(
      own.map((row) => personItem(row, profiles.get(row) ?? null)),
      session,
    );
    return results.map((result, at) => {
      const cioId = profiles.get(own[at] as OutgoingRow)?.cioId;
      return result.result === 'accepted' && cioId ? { ...result, foreignId: cioId } : result;
    });
  });
}

async function send(items: readonly object[], session: ConnectorSession): Promise<RowResult[]> {
  const response = await session.request(batchOf(items, session));
  if (response.status !== 200 && response.status !== 207) {
    const result = unsettledBy(response);
    return items.map(() => result);
  }
  if (isFromElsewhere(response)) return items.map(() => NOT_IN_ANSWER);
  const errors = new Map(errorsOf(response).map((error) => [error.batch_index ?? null, error]));
  // An error may come without the index of its item. Items that were accepted may be sent again.
  const isUnnamed = errors.has(null) || (response.status === 207 && errors.size === 0);
  if (isUnnamed) throw new BatchRefused('http_207', response.text.slice(0, 300));
  return items.map((_item, at): RowResult => {
    const error = errors.get(at);
    if (!error) return { result: 'accepted' };
    const detail = [error.field, error.message].filter(Boolean).join(': ');
    return { result: 'rejected', code: codeOf(error), ...(detail ? { detail } : {}) };
  });
}

function errorsOf({ status, json }: OutboundResponse): ItemError[] {
  return status < 300 ? ((json as { errors?: ItemError[] } | undefined)?.errors ?? []) : [];
}

function codeOf({ reason = 'refused' }: ItemError): string {
  return reason
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 60);
}

function problemOf(row: OutgoingRow): RowResult | null {
  const field = row.kind === 'upsertPerson' && Object.keys(row.fields).find((name) => NOT_WRITTEN.test(name));
  if (field) return { result: 'rejected', code: 'field_not_written', detail: field };
  return tooLarge(itemOf(row), ITEM_BYTES_MAX);
}

function itemOf(row: OutgoingRow): object {
  return row.kind === 'upsertPerson' ? personItem(row, null) : eventItem(row);
}

/** An identifier that is set can only be changed through `cio_id`. */
function personItem({ person, fields }: OutgoingRow, profile: Profile | null): object {
  const { customerId: id } = person;
  const adopts = profile !== null && profile.id !== id;
  const moves = typeof fields.email === 'string' && fields.email.toLowerCase() !== profile?.email;
  return {
    type: 'person',
    identifiers: profile && (adopts || moves) ? { cio_id: profile.cioId } : { id },
    action: 'identify',
    attributes: adopts ? { ...fields, id } : fields,
  };
}

/** An event with a known id is not processed again. */
function eventItem({ deliveryId, person, fields, event }: OutgoingRow): object {
  const item = {
    type: 'person',
    identifiers: { id: person.customerId },
    action: 'event',
    id: ulidOf(deliveryId),
  };
  if (!event) return { ...item, name: String(fields.journey) };
  const timestamp = Math.floor(event.occurredAt.getTime() / 1000);
  return { ...item, name: event.type, timestamp, attributes: { ...event.data, sequence: event.sequence } };
}

function batchOf(items: readonly object[], values: ConnectorValues) {
  return trackRequest(values, 'POST', '/api/v2/batch', { batch: items });
}

function trackRequest(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = { authorization: basicAuthorization(String(settings.siteId), secret('trackKey')) };
  return { method, url: `${settings.baseUrl}${path}`, headers, body };
}
