import type { OutboundRequest } from '../../../platform/outbound/outbound-http.service.js';
import type {
  ConnectorSession,
  ConnectorValues,
  Fields,
  OutgoingRow,
  Unsettled,
} from '../../connectors/connector.js';
import { unsettledBy } from '../../connectors/http-results.js';

/** The most persons that the App API reads at a time. */
const READ_MAX = 100;

/** A person as the workspace has it. */
export interface Profile {
  cioId: string;
  id: string | null;
  email: string | null;
  attributes: Fields;
}

/** What the workspace has for a row. */
interface Match {
  /** The person with our id; otherwise the one with the email, if it has no id yet. */
  profile: Profile | null;
  /** Whether the email would be taken from another person. */
  isOfAnother: boolean;
}

/** What the workspace has for rows, in their order; why that is not known. */
export async function matchProfiles(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<Match[] | Unsettled> {
  const byId = await readProfiles(
    'id',
    rows.map(({ person }) => person.customerId),
    session,
  );
  if (!(byId instanceof Map)) return byId;
  const emails = rows.map((row) => emailToFind(row, byId.get(row.person.customerId)));
  const byEmail = await readProfiles(
    'email',
    emails.flatMap((email) => email ?? []),
    session,
  );
  if (!(byEmail instanceof Map)) return byEmail;
  return rows.map(({ person }, at) => {
    const own = byId.get(person.customerId) ?? null;
    const email = emails[at] ?? null;
    const namesake = email === null ? null : (byEmail.get(email) ?? null);
    const isTaken = own ? namesake !== null && namesake.cioId !== own.cioId : (namesake?.id ?? null) !== null;
    // Of several rows of a batch with one email, the first one gets it.
    const isOfAnother = isTaken || (email !== null && emails.indexOf(email) < at);
    return { profile: own ?? (isTaken ? null : namesake), isOfAnother };
  });
}

/** The email by which a person may be there already; null if it stays as it is, or is not written. */
function emailToFind({ person, fields }: OutgoingRow, own: Profile | undefined): string | null {
  const email = own ? fields.email : (fields.email ?? person.email);
  const lower = typeof email === 'string' ? email.toLowerCase() : '';
  return lower === '' || lower === own?.email ? null : lower;
}

/** Profiles by id or email. A workspace in which emails are no identifiers has none by email. */
async function readProfiles(
  idType: 'id' | 'email',
  ids: readonly string[],
  session: ConnectorSession,
): Promise<Map<string, Profile> | Unsettled> {
  const profiles = new Map<string, Profile>();
  for (let at = 0; at < ids.length; at += READ_MAX) {
    const response = await session.request(readRequest(idType, ids.slice(at, at + READ_MAX), session));
    if (response.status === 400 && idType === 'email') return profiles;
    if (response.status !== 200) return unsettledBy(response);
    const { customers = [] } = response.json as { customers?: { customer: { attributes: Fields } }[] };
    for (const { customer } of customers) {
      const profile = profileOf(customer.attributes);
      const key = profile[idType];
      if (key) profiles.set(key, profile);
    }
  }
  return profiles;
}

function profileOf(attributes: Fields): Profile {
  const { cio_id: cioId, id, email } = attributes;
  return {
    cioId: String(cioId),
    id: id ? String(id) : null,
    email: email ? String(email).toLowerCase() : null,
    attributes,
  };
}

/** Reads the attributes of persons; those that are not there are left out of the answer. */
export function readRequest(
  idType: 'id' | 'email',
  ids: readonly string[],
  { settings, secret }: ConnectorValues,
): OutboundRequest {
  const url = `${appAddress(String(settings.baseUrl))}/v1/customers/attributes?id_type=${idType}`;
  return { method: 'POST', url, headers: { authorization: `Bearer ${secret('appKey')}` }, body: { ids } };
}

/** The App API has a host of its own in each region. A proxy has one address for both APIs. */
function appAddress(trackAddress: string): string {
  return trackAddress.replace(/^https:\/\/track(-eu)?\.customer\.io$/, 'https://api$1.customer.io');
}
