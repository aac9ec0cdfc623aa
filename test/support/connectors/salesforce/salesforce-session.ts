import type {
  ConnectorSession,
  Fields,
  OutgoingRow,
} from '../../../../src/integrations/connectors/connector.js';
import { SalesforceConnector } from '../../../../src/integrations/systems/salesforce.connector.js';
import type { FakeSalesforce } from '../fake-salesforce.js';
import { aRow, openSession } from '../open-session.js';

export const KEY = 'MINGUS_Id__c';
export const connector = new SalesforceConnector();

export function sessionWith(salesforce: FakeSalesforce, clientSecret?: string): ConnectorSession {
  const settings = { baseUrl: salesforce.url, clientId: salesforce.clientId };
  return openSession(connector, settings, { clientSecret: clientSecret ?? salesforce.clientSecret });
}

/** A person with an address, and the fields that the suggested mapping makes for a new one. */
export function aPerson(
  email: string,
  name: string | null = 'Ada Lovelace',
  changes: Partial<OutgoingRow> = {},
): OutgoingRow {
  const row = aRow('upsertPerson');
  const [FirstName = '', ...last] = name?.split(' ') ?? [];
  const names = { FirstName, LastName: last.join(' ') };
  const fields: Fields = { Email: email, ...(name === null ? {} : names) };
  return { ...row, person: { ...row.person, email, name }, fields, ...changes };
}

export function aTask(
  { person }: OutgoingRow,
  fields: OutgoingRow['fields'],
  foreignId: string | null = null,
): OutgoingRow {
  return aRow('createTask', { person, fields, foreignId });
}
