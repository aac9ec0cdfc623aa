import { Injectable } from '@nestjs/common';
import {
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
  type RowResult,
} from '../connectors/connector.js';
import { erasureUnsettledBy, quotaIn } from '../connectors/http-results.js';
import { assertRead } from '../connectors/row-results.js';
import { readContacts, STAGE, upsertContacts, upsertRequest } from './hubspot/contact-upserts.js';
import { CONTACTS, freeAgainAt, KEY, requestTo, TASKS } from './hubspot/hubspot-requests.js';
import { createTasks, findContact, taskRequest } from './hubspot/hubspot-tasks.js';

/** HubSpot: contacts by our id. Email is no key there, because a batch by email refuses partial changes. */
@Injectable()
@Connects('hubspot')
export class HubSpotConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'crm',
      title: 'HubSpot',
      settings: [
        { name: 'baseUrl', label: 'Address of the API', kind: 'url', default: 'https://api.hubapi.com' },
      ],
      secrets: [{ name: 'token', label: 'Access token of a private app' }],
      capabilities: ['upsertPerson', 'createTask', 'erase', 'readBack'],
      batch: { rows: 100, bytes: 2_000_000 },
      rate: { requests: 190, perSeconds: 10, concurrency: 2, freeAgainAt },
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        firstname: { from: 'customer.name', apply: ['first_word'], when: 'onCreate' },
        lastname: { from: 'customer.name', apply: ['last_words'], when: 'onCreate' },
        phone: { from: 'customer.phone', when: 'ifEmpty' },
        [STAGE]: {
          from: 'lifecycle.stage',
          values: {
            onboarding: 'opportunity',
            trialing: 'opportunity',
            active: 'customer',
            at_risk: 'customer',
            past_due: 'customer',
            paused: 'customer',
            churned: 'other',
            lapsed: 'other',
          },
        },
      },
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    return rows[0]?.kind === 'createTask' ? createTasks(rows, session) : upsertContacts(rows, session);
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    return row.kind === 'createTask' ? taskRequest(row, values) : upsertRequest([row], values);
  }

  async readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    const byKey = await readContacts(rows, session, Object.keys(this.describe().mapping));
    return rows.map(({ person }) => byKey.get(person.customerId) ?? null);
  }

  /** By id only: an unknown address would be put on the block list. */
  async erase(
    { customerId, foreignIds, created }: ErasedPerson,
    session: ConnectorSession,
  ): Promise<ErasureResult> {
    for (const { foreignId } of created) {
      const response = await session.request(requestTo(session, 'DELETE', `${TASKS}/${foreignId}`));
      if (response.status !== 204 && response.status !== 404) return erasureUnsettledBy(response);
    }
    const found = await findContact(customerId, session);
    for (const objectId of new Set([...foreignIds, ...(found ? [found] : [])])) {
      const body = { objectId };
      const response = await session.request(requestTo(session, 'POST', `${CONTACTS}/gdpr-delete`, body));
      if (response.status !== 204 && response.status !== 404) return erasureUnsettledBy(response);
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', `/crm/v3/properties/contacts/${KEY}`));
    const { status, json } = response;
    const isUnique = (json as { hasUniqueValue?: unknown } | undefined)?.hasUniqueValue === true;
    return {
      credential: status === 401 ? 'refused' : status < 500 && status !== 429 ? 'accepted' : 'unknown',
      missingScopes: status === 403 ? ['crm.schemas.contacts.read'] : [],
      missingFields: status === 404 || (status === 200 && !isUnique) ? [`${KEY} (unique)`] : [],
      quota: quotaIn(response, 'x-hubspot-ratelimit-daily', 'x-hubspot-ratelimit-daily-remaining'),
      account: status === 401 ? null : await accountOf(session),
    };
  }
}

/** The id of the portal; null if the credential may not ask for it. @throws ReadFailed, OutboundFault */
async function accountOf(session: ConnectorSession): Promise<string | null> {
  const response = await session.request(requestTo(session, 'GET', '/account-info/v3/details'));
  if (response.status === 403) return null;
  assertRead(response);
  const { portalId } = response.json as { portalId?: number };
  return portalId === undefined ? null : String(portalId);
}
