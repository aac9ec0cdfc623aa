import { Injectable } from '@nestjs/common';
import {
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type OutgoingRow,
  type RowResult,
} from '../../src/integrations/connectors/connector.js';
import { unsettledBy } from '../../src/integrations/connectors/http-results.js';
import type { OutboundRequest } from '../../src/platform/outbound/outbound-http.service.js';
import { type FakeAnswer, FakeSystem } from '../support/connectors/fake-system.js';

/** A made-up system that can do everything. */
@Injectable()
@Connects('suite')
export class SuiteConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'success',
      title: 'Suite',
      settings: [{ name: 'baseUrl', label: 'Address', kind: 'url' }],
      secrets: [],
      capabilities: ['upsertPerson', 'startJourney', 'createTask', 'createTicket'],
      batch: { rows: 1, bytes: 10_000 },
      rate: { requests: 0, perSeconds: 1, concurrency: 2 },
      mapping: { name: { from: 'customer.name' }, tier: { from: 'attributes.tier' } },
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    return Promise.all(
      rows.map(async (row) => {
        const response = await session.request(this.plan(row, session));
        return response.status === 200 ? { result: 'accepted' } : unsettledBy(response);
      }),
    );
  }

  plan({ kind, person, fields, deliveryId }: OutgoingRow, { settings }: ConnectorValues) {
    const body = { person: person.customerId, reference: deliveryId, ...fields };
    return {
      method: 'POST',
      url: `${settings.baseUrl}/${kind}`,
      headers: {},
      body,
    } satisfies OutboundRequest;
  }

  async health(): Promise<ConnectorHealth> {
    return { credential: 'accepted', missingScopes: [], missingFields: [], quota: null, account: null };
  }
}

/** Keeps what it is given. */
export class FakeSuite extends FakeSystem {
  /** What was asked for about a person, as `kind: title or journey`, oldest first. */
  actsFor({ id }: { id: string }): string[] {
    return this.requests
      .filter(({ body }) => body.person === id)
      .map(({ path, body }) => [path.slice(1), body.title ?? body.journey].filter(Boolean).join(': '));
  }

  protected answer(): FakeAnswer {
    return { status: 200 };
  }
}
