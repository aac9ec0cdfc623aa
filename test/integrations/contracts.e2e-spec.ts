import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorSession } from '../../src/integrations/connectors/connector.js';
import { IntercomConnector } from '../../src/integrations/systems/intercom.connector.js';
import { FakeIntercom } from '../support/connectors/fake-intercom.js';
import { aRow, aTicket, deliverOne, openSession } from '../support/connectors/open-session.js';
import { callOf, contractOf, Prism, type Violation, violationsOf } from '../support/contracts/prism.js';

const CONTRACT = contractOf('intercom') ?? '';
/** Prism compiles schemas for its first answers. */
const ANSWER_WITHIN_MS = 10_000;
/** An older page describes these requests, not the document. The fake refuses them, as a system without them does. */
const OUTSIDE = 'POST /user_delete_requests';
/** The text of the document allows numbers in the metadata of events; its schema allows only texts. */
const TEXT_ONLY = { call: 'POST /events', message: 'metadata.sequence must be string' };
const CALLS = new Set([
  'DELETE /contacts/{id}',
  'DELETE /tickets/{id}',
  'GET /contacts/find_by_external_id/{id}',
  'GET /contacts/{id}',
  'GET /me',
  'GET /ticket_types/{id}',
  'POST /contacts',
  'POST /contacts/search',
  'POST /events',
  'POST /tickets',
  'POST /tickets/search',
  'POST /user_delete_requests',
  'PUT /contacts/{id}',
]);

describe.skipIf(!CONTRACT)("Intercom's OpenAPI document (needs Prism and CONTRACTS_DIR)", () => {
  const connector = new IntercomConnector();
  const intercom = new FakeIntercom();
  let [mock, proxy]: Prism[] = [];
  const calls = new Set<string>();
  const violations: Violation[] = [];

  beforeAll(async () => {
    await intercom.start();
    intercom.takesDeleteRequests = false;
    [mock, proxy] = await Promise.all([Prism.mock(CONTRACT), Prism.proxy(CONTRACT, intercom.url)]);
  });
  afterAll(() => Promise.all([mock?.stop(), proxy?.stop(), intercom.stop()]));
  beforeEach(() => {
    calls.clear();
    violations.length = 0;
  });

  /** A session that notes what it asks, and what Prism finds wrong. */
  function sessionWith(prism: Prism | undefined, token = intercom.token): ConnectorSession {
    const values = { baseUrl: prism?.url ?? '', ticketTypeId: intercom.ticketTypeId };
    const session = openSession(connector, values, { token });
    return {
      ...session,
      request: async (request) => {
        const call = callOf(request);
        calls.add(call);
        const url = call === OUTSIDE ? `${intercom.url}/user_delete_requests` : request.url;
        const response = await session.request({ timeoutMs: ANSWER_WITHIN_MS, ...request, url });
        violations.push(...violationsOf(request, response));
        return response;
      },
    };
  }

  /** All requests of the connector about one new person. */
  async function askEverything(session: ConnectorSession): Promise<void> {
    const row = aRow('upsertPerson');
    const { person } = row;
    const fields = {
      email: person.email,
      name: 'Ada Lovelace',
      phone: '+44 3',
      signed_up_at: 1_700_000_000,
      'custom_attributes.mingus_stage': 'trialing',
    };
    const created = await deliverOne(connector, { ...row, fields }, session);
    // Prism's contact is never that of the person.
    const foreignId = created.foreignId ?? '5ba682d23d7cf92bef87bfd4';
    const known = { person, foreignId };
    await session.request(connector.plan({ ...row, ...known, fields: { name: 'Countess' } }, session));
    await connector.readBack([row, { ...row, foreignId }], session);
    const event = {
      type: 'customer.stage_changed' as const,
      data: { from: 'trialing', to: 'active' },
      sequence: 7,
      occurredAt: new Date(1_700_000_000_900),
    };
    await connector.deliver([aRow('trackEvent', { ...known, event })], session);
    const ticket = aTicket(known);
    const opened = await deliverOne(connector, ticket, session);
    expect(opened).toMatchObject({ result: 'accepted' });
    await connector.search(ticket, session);
    const tickets = [{ kind: 'createTicket' as const, foreignId: opened.foreignId ?? '' }];
    const erased = await connector.erase({ ...person, foreignIds: [foreignId], created: tickets }, session);
    expect(erased).toEqual({ receipt: 'accepted' });
  }

  it('allows every request of the connector', async () => {
    const session = sessionWith(mock);
    await connector.health(session);
    await askEverything(session);
    expect(calls).toEqual(CALLS);
    expect(violations).toEqual([{ ...TEXT_ONLY, message: expect.stringContaining(TEXT_ONLY.message) }]);
  });

  it('allows every answer of the fake', async () => {
    const session = sessionWith(proxy);
    await connector.health(session);
    await askEverything(session);
    await connector.deliver([aRow('upsertPerson')], sessionWith(proxy, 'wrong'));
    expect(calls).toEqual(CALLS);
    expect(violations).toEqual([{ ...TEXT_ONLY, message: expect.stringContaining(TEXT_ONLY.message) }]);
  });

  it('gives answers in which the connector finds the attributes of a ticket type', async () => {
    const session = sessionWith(mock);
    const of = (referenceAttribute: string) =>
      connector.health({ ...session, settings: { ...session.settings, referenceAttribute } });
    expect(await of('name')).toMatchObject({ credential: 'accepted', missingFields: [] });
    expect(await of('nope')).toMatchObject({ missingFields: ['ticket attribute nope'] });
  });
});
