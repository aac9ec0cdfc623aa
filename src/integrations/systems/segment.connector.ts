import { Injectable } from '@nestjs/common';
import type { OutboundRequest } from '../../platform/outbound/outbound-http.service.js';
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
  type OutgoingRow,
  type RowResult,
} from '../connectors/connector.js';
import {
  erasureUnsettledBy,
  isFromElsewhere,
  isSuccess,
  NOT_IN_ANSWER,
  unsettledBy,
} from '../connectors/http-results.js';
import { assertAccountSaid } from '../connectors/row-results.js';
import { basicAuthorization } from '../connectors/texts.js';

/** Segment takes 32 KB an event, and drops a larger one without a word. */
const EVENT_BYTES_MAX = 32_000;
const LIBRARY = { name: 'mingus-onboarding' };

/**
 * Segment, and what speaks its protocol: RudderStack, Jitsu and others. A person is the `userId` of our id. Segment
 * answers 200 to every write key and every event, so what it drops can only be seen there.
 */
@Injectable()
@Connects('segment')
export class SegmentConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'events',
      title: 'Segment-compatible HTTP',
      settings: [
        {
          name: 'baseUrl',
          label:
            'Address that has /v1/batch. Segment shows that of your region in the settings of the source',
          kind: 'url',
          default: 'https://api.segment.io',
        },
        {
          name: 'publicApiUrl',
          label: 'Address of the Public API of Segment; in the EU https://eu1.api.segmentapis.com',
          kind: 'url',
          default: 'https://api.segmentapis.com',
        },
      ],
      secrets: [
        { name: 'writeKey', label: 'Write key of the source' },
        {
          name: 'publicApiToken',
          label:
            'Token of the Public API of Segment. Without it, erasure is not supported: the protocol itself cannot delete',
          isOptional: true,
        },
      ],
      capabilities: ['upsertPerson', 'trackEvent', 'erase'],
      batch: { rows: 500, bytes: 480_000 },
      rate: { requests: 50, perSeconds: 1, concurrency: 2 },
      events: ['customer.created', 'customer.stage_changed', 'subscription.changed', 'payment.succeeded'],
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        name: { from: 'customer.name' },
        phone: { from: 'customer.phone' },
        createdAt: { from: 'customer.createdAt' },
        lifecycleStage: { from: 'lifecycle.stage' },
        stripeCustomerId: { from: 'customer.stripeCustomerId' },
        mingusUserId: { from: 'user.id' },
      },
    };
  }

  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    const problemOf = (row: OutgoingRow) => tooLarge(eventOf(row), EVENT_BYTES_MAX);
    return sendChecked(rows, problemOf, async (sound) => {
      const response = await session.request(batchOf(sound.map(eventOf), session));
      const accepted = isFromElsewhere(response) ? NOT_IN_ANSWER : ({ result: 'accepted' } as const);
      const result: RowResult = isSuccess(response) ? accepted : unsettledBy(response);
      // Some receivers refuse a batch in the body of a success.
      if (
        isSuccess(response) &&
        (response.json as { success?: unknown } | null | undefined)?.success === false
      )
        throw new BatchRefused('not_successful', response.text.slice(0, 300));
      return sound.map(() => result);
    });
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    return { ...batchOf([eventOf(row)], values), headers: { authorization: 'Basic <writeKey>' } };
  }

  /** A regulation deletes what there is and blocks what comes, also at destinations that support it. It takes days. */
  async erase({ customerId }: ErasedPerson, session: ConnectorSession): Promise<ErasureResult> {
    if (!session.secret('publicApiToken')) return { receipt: 'unsupported' };
    const body = {
      regulationType: 'SUPPRESS_WITH_DELETE',
      subjectType: 'USER_ID',
      subjectIds: [customerId],
    };
    const response = await session.request(publicRequest(session, 'POST', '/regulations', body));
    if (response.status !== 200) return erasureUnsettledBy(response);
    const { data } = (response.json ?? {}) as { data?: { regulateId?: string } };
    return data?.regulateId ? { receipt: 'accepted' } : NOT_IN_ANSWER;
  }

  /** An empty batch is answered like any other, and tracks nothing. */
  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const { status } = await session.request(batchOf([], session));
    const health = { missingScopes: [], missingFields: [], quota: null, account: null };
    // A success says nothing about the write key.
    const credential = status === 401 || status === 403 ? 'refused' : 'unknown';
    if (!session.secret('publicApiToken')) return { ...health, credential };
    const response = await session.request(publicRequest(session, 'GET', '/'));
    const { data } = (response.json ?? {}) as { data?: { workspace?: { id?: string } } };
    const isRefused = response.status === 401 || response.status === 403;
    if (!isRefused) assertAccountSaid(response, data?.workspace?.id !== undefined);
    return {
      ...health,
      credential,
      missingScopes: isRefused ? ['Public API'] : [],
      account: data?.workspace?.id ?? null,
    };
  }
}

/** The id of the delivery is the `messageId`, by which repeated events are dropped. */
function eventOf({ deliveryId, person, fields, event }: OutgoingRow): object {
  const common = { messageId: deliveryId, userId: person.customerId, context: { library: LIBRARY } };
  if (!event) return { ...common, type: 'identify', traits: fields };
  return {
    ...common,
    type: 'track',
    event: event.type,
    properties: { ...event.data, sequence: event.sequence },
    timestamp: event.occurredAt.toISOString(),
  };
}

function batchOf(batch: readonly object[], { settings, secret }: ConnectorValues) {
  const headers = { authorization: basicAuthorization(secret('writeKey'), '') };
  return { method: 'POST' as const, url: `${settings.baseUrl}/v1/batch`, headers, body: { batch } };
}

function publicRequest(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
): OutboundRequest {
  const headers = { authorization: `Bearer ${secret('publicApiToken')}` };
  return { method, url: `${settings.publicApiUrl}${path}`, headers, body };
}
