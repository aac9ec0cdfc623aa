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
  ReadFailed,
  type RowResult,
  type Unsettled,
} from '../connectors/connector.js';
import {
  asRead,
  erasureUnsettledBy,
  isFromElsewhere,
  isSuccess,
  NOT_IN_ANSWER,
  quotaIn,
  unsettledBy,
} from '../connectors/http-results.js';
import { deliverEach, EMAIL_OF_ANOTHER, readEach } from '../connectors/row-results.js';
import {
  ACCOUNT,
  accountFor,
  eventFor,
  KEY,
  requestTo,
  taskFor,
  TRAITS,
  userFor,
} from './vitally/vitally-requests.js';

/** https://docs.vitally.io/en/articles/9880661-rest-api-users */
interface User {
  id: string;
  externalId?: string | null;
  name?: string | null;
  email?: string | null;
  traits?: Record<string, unknown>;
  accounts?: Account[];
}

interface Account {
  id: string;
  externalId?: string | null;
  name?: string | null;
  traits?: Record<string, unknown>;
}

/**
 * Vitally: a user and an account per customer, by our id as external id. Fields named `account.*` are those of the
 * account, `traits.*` and `account.traits.*` are traits. A user that people added keeps its account, which is not written.
 */
@Injectable()
@Connects('vitally')
export class VitallyConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'success',
      title: 'Vitally',
      settings: [
        {
          name: 'baseUrl',
          label: 'Address of the REST API, such as https://acme.rest.vitally.io',
          kind: 'url',
          default: 'https://rest.vitally.io',
        },
        {
          name: 'analyticsUrl',
          label: 'Address of the analytics API, such as https://acme.api.vitally.io',
          kind: 'url',
          default: 'https://api.vitally.io',
        },
      ],
      secrets: [
        { name: 'apiKey', label: 'Key of the REST API' },
        {
          name: 'analyticsToken',
          label: 'Token of the analytics API; without it, events are rejected',
          isOptional: true,
        },
      ],
      capabilities: ['upsertPerson', 'trackEvent', 'createTask', 'erase', 'readBack'],
      batch: { rows: 20, bytes: 1_000_000 },
      rate: { requests: 950, perSeconds: 60, concurrency: 4, freeAgainAt },
      // Tasks have an external id, and events an id of their message, of which a second one changes nothing.
      repeatable: ['upsertPerson', 'trackEvent', 'createTask'],
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        name: { from: 'customer.name', when: 'ifEmpty' },
        'traits.lifecycleStage': { from: 'lifecycle.stage' },
        'account.name': { from: 'customer.name', when: 'ifEmpty' },
        'account.traits.lifecycleStage': { from: 'lifecycle.stage' },
        'account.traits.segments': { from: 'segments', apply: ['join'] },
        'account.traits.stripeCustomerId': { from: 'customer.stripeCustomerId' },
      },
      events: ['customer.milestone_reached', 'customer.stage_changed', 'payment.failed'],
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    return deliverEach(rows, (row) => {
      if (row.kind === 'trackEvent') return trackEvent(row, session);
      return row.kind === 'createTask' ? createTask(row, session) : upsert(row, session);
    });
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    if (row.kind === 'trackEvent') return eventFor(row, row.foreignId ?? row.person.customerId, values);
    if (row.kind === 'createTask') return taskFor(row, '<id of the account>', values);
    return userFor(row, '<id of the account>', values);
  }

  readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    return readEach(rows, async (row) => {
      const found = await findUser(row, session);
      if (isUnread(found)) throw new ReadFailed(found);
      return found && fieldsRead(found, row);
    });
  }

  /** Paths take the external id as well. */
  createdIdOf(deliveryId: string): string {
    return deliveryId;
  }

  /** Deleted tasks are only archived, so their texts are overwritten first. */
  async erase(person: ErasedPerson, session: ConnectorSession): Promise<ErasureResult> {
    const { customerId, foreignIds, created } = person;
    const tasks = created
      .filter(({ kind }) => kind === 'createTask')
      .map(({ foreignId: id }) => `/tasks/${id}`);
    const users = [...new Set([...foreignIds, customerId])].map((id) => `/users/${encodeURIComponent(id)}`);
    const emptied = { name: 'Erased', description: '' };
    const requests = [
      ...tasks.map((path) => requestTo(session, 'PUT', path, emptied)),
      ...[...tasks, ...users, `/accounts/${customerId}`].map((path) => requestTo(session, 'DELETE', path)),
    ];
    for (const request of requests) {
      const response = await session.request(request);
      if (!isSuccess(response) && response.status !== 404) return erasureUnsettledBy(response);
      if (isFromElsewhere(response)) return NOT_IN_ANSWER;
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', '/users?limit=1'));
    const { status, headers } = response;
    return {
      credential: status === 401 ? 'refused' : status < 400 ? 'accepted' : 'unknown',
      missingScopes: status === 403 ? ['users'] : [],
      missingFields: [],
      quota: quotaIn(response, 'ratelimit-limit', 'ratelimit-remaining', resetOf(headers, new Date())),
      account: null,
    };
  }
}

async function upsert(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const user = await findUser(row, session);
  if (isUnread(user)) return user;
  const { customerId } = row.person;
  const owner = user?.traits?.[KEY];
  if (owner && owner !== customerId) return EMAIL_OF_ANOTHER;
  const account = user ? ownAccountOf(user, customerId) : await findAccount(customerId, session);
  if (isUnread(account)) return account;
  if (!user || account) {
    const written = await session.request(accountFor(row, account?.id ?? null, session));
    if (!isSuccess(written)) return unsettledByVitally(written);
    if (!user) return writeUser(row, (written.json as Account).id, session);
  }
  return writeUser({ ...row, foreignId: user.externalId ?? user.id }, null, session);
}

async function writeUser(
  row: OutgoingRow,
  accountId: string | null,
  session: ConnectorSession,
): Promise<RowResult> {
  const response = await session.request(userFor(row, accountId, session));
  if (!isSuccess(response)) return unsettledByVitally(response);
  const written = response.json as User;
  // A success that does not show our id wrote nothing.
  if (written.traits?.[KEY] !== row.person.customerId) return NOT_IN_ANSWER;
  return { result: 'accepted', foreignId: written.externalId ?? written.id };
}

async function trackEvent(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  if (session.secret('analyticsToken') === '') return { result: 'rejected', code: 'analytics_token_missing' };
  const user = await findUser(row, session);
  if (isUnread(user)) return user;
  if (!user?.externalId) return { result: 'rejected', code: user ? 'no_external_id' : 'not_a_user' };
  const response = await session.request(eventFor(row, user.externalId, session));
  if (!isSuccess(response)) return unsettledByVitally(response);
  return isFromElsewhere(response) ? NOT_IN_ANSWER : { result: 'accepted' };
}

async function createTask(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const user = await findUser(row, session);
  if (isUnread(user)) return user;
  const [account] = user?.accounts ?? [];
  if (!account) return { result: 'rejected', code: user ? 'no_account' : 'not_a_user' };
  const response = await session.request(taskFor(row, account.id, session));
  if (!isSuccess(response)) return unsettledByVitally(response);
  return { result: 'accepted', foreignId: (response.json as { id: string }).id };
}

/** By the remembered id or ours, else by the address; null if there is none. */
async function findUser(
  { person, foreignId }: OutgoingRow,
  session: ConnectorSession,
): Promise<User | null | Unsettled> {
  const id = encodeURIComponent(foreignId ?? person.customerId);
  const known = await session.request(requestTo(session, 'GET', `/users/${id}`));
  if (isSuccess(known)) return known.json as User;
  if (known.status !== 404) return unreadBy(known);
  const search = `/users/search?email=${encodeURIComponent(person.email.toLowerCase())}`;
  const found = await session.request(requestTo(session, 'GET', search));
  if (!isSuccess(found)) return found.status === 404 ? null : unreadBy(found);
  const { results = [] } = found.json as { results?: User[] };
  const isFree = ({ traits }: User) => [undefined, null, person.customerId].includes(traits?.[KEY] as never);
  return results.find(isFree) ?? results[0] ?? null;
}

async function findAccount(
  customerId: string,
  session: ConnectorSession,
): Promise<Account | null | Unsettled> {
  const response = await session.request(requestTo(session, 'GET', `/accounts/${customerId}`));
  if (isSuccess(response)) return response.json as Account;
  return response.status === 404 ? null : unreadBy(response);
}

/** The account that we made for the customer. An account of others is not written. */
function ownAccountOf({ accounts = [] }: User, customerId: string): Account | null {
  return accounts.find(({ externalId }) => externalId === customerId) ?? null;
}

function fieldsRead(user: User, { person }: OutgoingRow): Fields {
  const account = ownAccountOf(user, person.customerId);
  return {
    ...flat('', user),
    ...(account ? flat(ACCOUNT, account) : {}),
  };
}

function flat(part: string, { name, traits = {}, ...rest }: Account & { email?: string | null }): Fields {
  const values = Object.entries(traits).map(([trait, value]) => [`${part}${TRAITS}${trait}`, value as never]);
  const email = 'email' in rest ? { [`${part}email`]: rest.email ?? null } : {};
  return { ...Object.fromEntries(values), ...email, [`${part}name`]: name ?? null };
}

/** A used-up rate has no `Retry-After`. @throws BatchRefused as `unsettledBy` does */
function unsettledByVitally(response: OutboundResponse): Unsettled {
  const result = unsettledBy(response);
  if (result.result !== 'quota' || result.at) return result;
  return { ...result, at: resetOf(response.headers, new Date()) };
}

/** A read that failed wrote nothing. */
function unreadBy(response: OutboundResponse): Unsettled {
  return asRead(unsettledByVitally(response));
}

function isUnread(found: object | null): found is Unsettled {
  return found !== null && 'result' in found;
}

function resetOf(headers: OutboundResponse['headers'], now: Date): Date | null {
  const seconds = Number(headers['ratelimit-reset'] ?? Number.NaN);
  return seconds >= 0 ? new Date(now.getTime() + seconds * 1000) : null;
}

/** The window slides: the reset names the seconds until one request leaves it. */
function freeAgainAt(headers: OutboundResponse['headers'], now: Date): Date | null {
  return Number(headers['ratelimit-remaining'] ?? Number.NaN) === 0 ? resetOf(headers, now) : null;
}
