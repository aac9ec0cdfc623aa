import { Injectable } from '@nestjs/common';
import {
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type Fields,
  type OutgoingRow,
  type RowResult,
} from '../../../src/integrations/connectors/connector.js';
import { unsettledBy } from '../../../src/integrations/connectors/http-results.js';
import type { OutboundRequest } from '../../../src/platform/outbound/outbound-http.service.js';

/** A made-up system that cannot be searched, so that a ticket with an unknown outcome is held. */
@Injectable()
@Connects('blind-desk')
export class BlindDeskConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'support',
      title: 'Desk',
      settings: [{ name: 'baseUrl', label: 'Address', kind: 'url' }],
      secrets: [],
      capabilities: ['upsertPerson', 'trackEvent', 'createTicket'],
      batch: { rows: 20, bytes: 10_000 },
      rate: { requests: 0, perSeconds: 1, concurrency: 2 },
      mapping: {
        name: { from: 'customer.name' },
        plan: { from: 'customer.metadata.plan', values: { gold: 1 } },
      },
    };
  }

  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    if (rows[0]?.kind === 'createTicket') return Promise.all(rows.map((row) => createTicket(row, session)));
    const response = await session.request(requestFor(rows, session));
    const result: RowResult = response.status < 300 ? { result: 'accepted' } : unsettledBy(response);
    return rows.map(() => result);
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    return { headers: {}, body: null, ...requestFor([row], values) };
  }

  async health(): Promise<ConnectorHealth> {
    return { credential: 'accepted', missingScopes: [], missingFields: [], quota: null, account: null };
  }
}

/** The same system with a search by reference. */
@Injectable()
@Connects('desk')
export class DeskConnector extends BlindDeskConnector {
  async search({ deliveryId }: OutgoingRow, { settings, request }: ConnectorSession): Promise<string | null> {
    const response = await request({
      method: 'GET',
      url: `${settings.baseUrl}/tickets?reference=${deliveryId}`,
    });
    return (response.json as { id: string }[])[0]?.id ?? null;
  }
}

/** The same system, in which persons keep a name that they have. */
@Injectable()
@Connects('reading-desk')
export class ReadingDeskConnector extends DeskConnector {
  override describe(): ConnectorDescription {
    const described = super.describe();
    const mapping = { name: { from: 'customer.name', when: 'ifEmpty' } } as const;
    return { ...described, capabilities: [...described.capabilities, 'readBack', 'search'], mapping };
  }

  async readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    const ids = rows.map(({ person }) => person.customerId);
    const url = `${session.settings.baseUrl}/persons?ids=${ids.join(',')}`;
    const response = await session.request({ method: 'GET', url });
    if (response.status !== 200) unsettledBy(response);
    return response.json as (Fields | null)[];
  }
}

async function createTicket(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const response = await session.request(requestFor([row], session));
  if (response.status !== 201) return unsettledBy(response);
  return { result: 'accepted', foreignId: (response.json as { id: string }).id };
}

function requestFor(rows: readonly OutgoingRow[], { settings }: ConnectorValues): OutboundRequest {
  const [first] = rows;
  const person = first?.person.customerId;
  const to = (path: string, body: unknown): OutboundRequest => {
    return { method: 'POST', url: `${settings.baseUrl}${path}`, body };
  };
  if (first?.kind === 'createTicket')
    return to('/tickets', { ...first.fields, person, reference: first.deliveryId });
  if (first?.kind === 'trackEvent') {
    const events = rows.map(({ event, person: { customerId } }) => {
      return { person: customerId, type: event?.type, sequence: event?.sequence };
    });
    return to('/events', events);
  }
  return to(
    '/persons',
    rows.map(({ person: { customerId: id }, fields }) => ({ id, ...fields })),
  );
}
