import { Injectable } from '@nestjs/common';
import type { OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
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
import { NOT_IN_ANSWER } from '../connectors/http-results.js';
import { assertAccountSaid, deliverEach, EMAIL_OF_ANOTHER, readEach } from '../connectors/row-results.js';
import { cutTo } from '../connectors/texts.js';
import {
  assertReadByMailchimp,
  erasureUnsettledByMailchimp,
  isThrottle,
  unsettledByMailchimp,
} from './mailchimp/mailchimp-problems.js';
import {
  ADDRESS,
  baseOf,
  hashOf,
  isMergeTag,
  KEY,
  memberOf,
  requestFor,
  requestTo,
  TAGS,
} from './mailchimp/mailchimp-requests.js';

const TAG_MAX = 100;
/** Only tags that begin so are taken away again. */
const TAG_PREFIX = 'mingus: ';
const EVENTS_SEARCHED = 100;

/** https://mailchimp.com/developer/marketing/api/list-members/ */
interface Member {
  /** The MD5 of the address in lower case. */
  id: string;
  /** Stays when the address changes. Paths take it in place of the MD5, except for tags and permanent deletion. */
  contact_id?: string;
  email_address: string;
  merge_fields?: Record<string, string | number>;
  tags?: { name: string }[];
}

/**
 * Mailchimp: members of an audience, found by the MD5 of their address. A known member is changed by PATCH, which keeps
 * its status and renames it when the address changes; only a new member gets a status. The batch of the audience
 * (`POST /lists/{id}`) is not used, because it sets the status of every member and would subscribe people again.
 */
@Injectable()
@Connects('mailchimp')
export class MailchimpConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'marketing',
      title: 'Mailchimp',
      settings: [
        {
          name: 'baseUrl',
          label: 'Address of the API; {dc} is the data center that the API key ends with',
          kind: 'url',
          default: 'https://{dc}.api.mailchimp.com/3.0',
        },
        { name: 'audienceId', label: 'Id of the audience', kind: 'text' },
        {
          name: 'statusIfNew',
          label: 'Status of new members; subscribed only if all of them agreed to campaigns',
          kind: 'text',
          default: 'transactional',
          choices: ['transactional', 'pending', 'subscribed', 'unsubscribed'],
        },
      ],
      secrets: [{ name: 'apiKey', label: 'API key' }],
      capabilities: ['upsertPerson', 'trackEvent', 'startJourney', 'erase', 'readBack'],
      batch: { rows: 20, bytes: 500_000 },
      // An account may have ten connections at once, over all processes.
      rate: { requests: 0, perSeconds: 1, concurrency: 4 },
      mapping: {
        [ADDRESS]: { from: 'customer.email' },
        FNAME: { from: 'customer.name', apply: ['first_word'], when: 'ifEmpty' },
        LNAME: { from: 'customer.name', apply: ['last_words'], when: 'ifEmpty' },
        STAGE: { from: 'lifecycle.stage' },
        [TAGS]: { from: 'segments', apply: ['join'] },
      },
      events: ['customer.milestone_reached', 'payment.failed'],
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    return deliverEach(rows, (row) => {
      if (row.kind === 'trackEvent') return trackEvent(row, session);
      return row.kind === 'startJourney' ? startJourney(row, session) : upsert(row, session);
    });
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    return requestFor(row, values);
  }

  readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    return readEach(rows, async (row) => {
      const response = await session.request(requestTo(session, 'GET', memberOf(row)));
      if (response.status === 404) return null;
      assertReadByMailchimp(response);
      const { email_address, merge_fields, tags = [] } = response.json as Member;
      return { ...merge_fields, email_address, [TAGS]: tags.map(({ name }) => name).join(';') };
    });
  }

  /** Erases all members that have our id, whichever address they have now. Mailchimp refuses them from then on. */
  async erase({ customerId, foreignIds }: ErasedPerson, session: ConnectorSession): Promise<ErasureResult> {
    const found = await findMembers(customerId, foreignIds, session);
    if (!(found instanceof Set)) return found;
    for (const id of found) {
      const path = `/members/${id}/actions/delete-permanent`;
      const response = await session.request(requestTo(session, 'POST', path));
      if (response.status !== 204 && response.status !== 404) return erasureUnsettledByMailchimp(response);
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const root = await session.request({ ...requestTo(session, 'GET', ''), url: `${baseOf(session)}/` });
    const fields = await session.request(requestTo(session, 'GET', '/merge-fields?count=1000'));
    const { status, json } = fields;
    const tags = (json as { merge_fields?: { tag: string }[] } | undefined)?.merge_fields ?? [];
    const wanted = [KEY, ...Object.keys(this.describe().mapping).filter(isMergeTag)];
    const missing = wanted.filter((name) => !tags.some(({ tag }) => tag === name));
    const isRefused = status === 401 || (status === 403 && !isThrottle(fields));
    const isKnown = status < 500 && status !== 429 && !isThrottle(fields);
    const account = (root.json as { account_id?: string } | undefined)?.account_id;
    if (!isRefused) assertAccountSaid(root, account !== undefined);
    return {
      credential: isRefused ? 'refused' : isKnown ? 'accepted' : 'unknown',
      missingScopes: [],
      missingFields:
        status === 404 ? [`audience ${session.settings.audienceId}`] : status === 200 ? missing : [],
      quota: null,
      account: account ?? null,
    };
  }
}

async function upsert(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const { person, foreignId, fields } = row;
  const address = fields[ADDRESS];
  if (address !== undefined && hashOf(String(address)) !== hashOf(person.email))
    return { result: 'rejected', code: 'address_is_not_the_customers' };
  if (foreignId) {
    const response = await session.request(requestFor(row, session));
    if (response.status !== 404) return afterWrite(row, response, session);
  }
  const found = await session.request(requestTo(session, 'GET', `/members/${hashOf(person.email)}`));
  if (found.status === 404) {
    const created = await session.request(requestFor({ ...row, foreignId: null }, session));
    return afterWrite(row, created, session);
  }
  if (found.status !== 200) return unsettledByMailchimp(found, 'read');
  const owner = (found.json as Member).merge_fields?.[KEY];
  if (owner && owner !== person.customerId) return EMAIL_OF_ANOTHER;
  const adopted = { ...row, foreignId: (found.json as Member).id };
  return afterWrite(row, await session.request(requestFor(adopted, session)), session);
}

/** Mailchimp leaves out merge fields that the audience does not have, without an error. */
async function afterWrite(
  row: OutgoingRow,
  response: OutboundResponse,
  session: ConnectorSession,
): Promise<RowResult> {
  if (response.status !== 200) return unsettledByMailchimp(response);
  const member = response.json as Member;
  const { merge_fields: written = {} } = member;
  const sent = [KEY, ...Object.keys(row.fields).filter(isMergeTag)];
  if (sent.some((tag) => !(tag in written))) return { result: 'auth', code: 'merge_field_missing' };
  if (written[KEY] !== row.person.customerId) return NOT_IN_ANSWER;
  const changes = tagChanges(row, member);
  if (changes.length > 0) {
    const path = `/members/${member.id}/tags`;
    const tagged = await session.request(requestTo(session, 'POST', path, { tags: changes }));
    if (tagged.status !== 204) return unsettledByMailchimp(tagged);
  }
  return { result: 'accepted', foreignId: member.contact_id ?? member.id };
}

function tagChanges({ fields }: OutgoingRow, { tags = [] }: Member): { name: string; status: string }[] {
  const list = fields[TAGS];
  if (typeof list !== 'string') return [];
  const names = list.split(';').filter((name) => name !== '');
  const wanted = new Set(names.map((name) => cutTo(`${TAG_PREFIX}${name}`, TAG_MAX)));
  const present = new Set(tags.map(({ name }) => name).filter((name) => name.startsWith(TAG_PREFIX)));
  return [
    ...[...wanted].filter((name) => !present.has(name)).map((name) => ({ name, status: 'active' })),
    ...[...present].filter((name) => !wanted.has(name)).map((name) => ({ name, status: 'inactive' })),
  ];
}

/** Mailchimp counts a repeated event twice, so it is looked for first. */
async function trackEvent(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const path = `${memberOf(row)}/events?count=${EVENTS_SEARCHED}`;
  const earlier = await session.request(requestTo(session, 'GET', path));
  if (earlier.status === 404) return notAMember(session);
  if (earlier.status !== 200) return unsettledByMailchimp(earlier, 'read');
  const { events = [] } = earlier.json as { events?: { properties?: Record<string, string> }[] };
  if (events.some(({ properties }) => properties?.delivery_id === row.deliveryId))
    return { result: 'accepted' };
  const response = await session.request(requestFor(row, session));
  return response.status === 204 ? { result: 'accepted' } : unsettledByMailchimp(response);
}

async function startJourney(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  if (!/^\d+\/\d+$/.test(String(row.fields.journey)))
    return {
      result: 'rejected',
      code: 'journey_invalid',
      detail: 'journey must be "<journey id>/<step id>"',
    };
  const response = await session.request(requestFor(row, session));
  if (response.status === 204) return { result: 'accepted' };
  if (response.status === 404) return { result: 'rejected', code: 'journey_not_found' };
  return unsettledByMailchimp(response);
}

/** The audience answers as well for an unknown member as for a wrong id of its own. */
async function notAMember(session: ConnectorSession): Promise<RowResult> {
  const audience = await session.request(requestTo(session, 'GET', '?fields=id'));
  return audience.status === 200
    ? { result: 'rejected', code: 'not_a_member' }
    : unsettledByMailchimp(audience, 'read');
}

/** The MD5s of all members that have our id, and of those that were remembered. */
async function findMembers(
  customerId: string,
  foreignIds: readonly string[],
  session: ConnectorSession,
): Promise<Set<string> | ErasureResult> {
  const ids = new Set<string>();
  const segment = await findInSegment(customerId, session);
  if (segment.status === 200)
    for (const { id } of (segment.json as { members?: Member[] }).members ?? []) ids.add(id);
  // Without the merge field, no member has our id.
  else if (segment.status !== 400) return erasureUnsettledByMailchimp(segment);
  for (const foreignId of foreignIds) {
    const member = await session.request(requestTo(session, 'GET', `/members/${foreignId}`));
    if (member.status === 200) ids.add((member.json as Member).id);
    else if (member.status !== 404) return erasureUnsettledByMailchimp(member);
  }
  return ids;
}

/** A segment is the only search by a merge field. It is deleted again. It does not have archived members. */
async function findInSegment(customerId: string, session: ConnectorSession): Promise<OutboundResponse> {
  const condition = { condition_type: 'TextMerge', field: KEY, op: 'is', value: customerId };
  const segment = { name: 'MINGUS erasure', options: { match: 'all', conditions: [condition] } };
  const created = await session.request(requestTo(session, 'POST', '/segments', segment));
  if (created.status !== 200) return created;
  const path = `/segments/${(created.json as { id: number }).id}`;
  const all = 'include_unsubscribed=true&include_transactional=true&include_cleaned=true&count=1000';
  const found = await session.request(requestTo(session, 'GET', `${path}/members?${all}`));
  await session.request(requestTo(session, 'DELETE', path));
  return found;
}
