import { afterAll, afterEach, beforeAll } from 'vitest';
import type {
  ConnectorSession,
  Fields,
  OutgoingRow,
} from '../../../../src/integrations/connectors/connector.js';
import { ZendeskConnector } from '../../../../src/integrations/systems/zendesk.connector.js';
import { FakeZendesk } from '../fake-zendesk.js';
import { aRow, deliverOne, idOf, openSession } from '../open-session.js';

export const connector = new ZendeskConnector();

/** A fake for the tests of a file, and a session with it. After each test, all but its records is as it was at first. */
export function useZendesk() {
  const zendesk = new FakeZendesk();
  let session: ConnectorSession;
  const sessionWith = (token: string, settings = {}) =>
    openSession(connector, { baseUrl: zendesk.url, email: zendesk.email, ...settings }, { token });
  beforeAll(async () => {
    await zendesk.start();
    session = sessionWith(zendesk.token);
  });
  afterAll(() => zendesk.stop());
  afterEach(() => {
    zendesk.requests.length = 0;
    zendesk.mails.length = 0;
    zendesk.rateHeaders = {};
    zendesk.role = 'admin';
    zendesk.failAlways(null);
  });
  return {
    zendesk,
    sessionWith,
    session: () => session,
    deliver: (row: OutgoingRow) => deliverOne(connector, row, session),
    knownId: (row: OutgoingRow) => idOf(connector, row, session),
    userOf: ({ person }: OutgoingRow) => zendesk.byOurId(person.customerId),
  };
}

/** A row as the engine makes it with the suggested mapping. */
export function aPerson(fields: Fields = {}): OutgoingRow {
  const row = aRow('upsertPerson');
  return { ...row, fields: { email: row.person.email, name: 'Ada Lovelace', ...fields } };
}
