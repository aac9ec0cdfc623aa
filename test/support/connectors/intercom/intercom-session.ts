import { afterAll, afterEach, beforeAll } from 'vitest';
import type {
  ConnectorSession,
  Fields,
  OutgoingRow,
} from '../../../../src/integrations/connectors/connector.js';
import { IntercomConnector } from '../../../../src/integrations/systems/intercom.connector.js';
import { FakeIntercom } from '../fake-intercom.js';
import { aRow, deliverOne, idOf, openSession } from '../open-session.js';

export const connector = new IntercomConnector();

/** A fake for the tests of a file, and a session with it. After each test, the requests that it got are dropped. */
export function useIntercom() {
  const intercom = new FakeIntercom();
  let session: ConnectorSession;
  const sessionWith = (token: string, settings = {}) =>
    openSession(
      connector,
      { baseUrl: intercom.url, ticketTypeId: intercom.ticketTypeId, ...settings },
      { token },
    );
  beforeAll(async () => {
    await intercom.start();
    session = sessionWith(intercom.token);
  });
  afterAll(() => intercom.stop());
  afterEach(() => {
    intercom.requests.length = 0;
    intercom.rateHeaders = {};
  });
  return {
    intercom,
    sessionWith,
    session: () => session,
    deliver: (row: OutgoingRow) => deliverOne(connector, row, session),
    knownId: (row: OutgoingRow) => idOf(connector, row, session),
    contactOf: ({ person }: OutgoingRow) => intercom.byOurId(person.customerId),
  };
}

/** A row as the engine makes it with the suggested mapping. */
export function aPerson(fields: Fields = {}): OutgoingRow {
  const row = aRow('upsertPerson');
  return {
    ...row,
    fields: { email: row.person.email, name: 'Ada Lovelace', signed_up_at: 1_700_000_000, ...fields },
  };
}

/** An event with values of several kinds. */
export function anEvent(changes: Partial<OutgoingRow> = {}): OutgoingRow {
  const data = { from: 'trialing', to: 'active', previous: null, fields: ['email', 'name'] };
  const event = {
    type: 'customer.stage_changed' as const,
    data,
    sequence: 7,
    occurredAt: new Date(1_700_000_000_900),
  };
  return aRow('trackEvent', { event, ...changes });
}
