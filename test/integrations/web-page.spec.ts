import { afterEach, describe, expect, it } from 'vitest';
import { knownConnectors } from '../../src/cli/doctor/connector-health.js';
import type {
  Connector,
  ConnectorSession,
  DeliveryKind,
} from '../../src/integrations/connectors/connector.js';
import { ALL_SYSTEMS, type Reachable } from '../support/connectors/all-systems.js';
import type { FakeSystem } from '../support/connectors/fake-system.js';
import { aRow, openSession } from '../support/connectors/open-session.js';

const EVENT = {
  type: 'customer.stage_changed',
  data: { from: 'trialing', to: 'active' },
  sequence: 2,
  occurredAt: new Date('2026-11-30T12:00:00Z'),
} as const;

const ERASED = {
  customerId: '01934f5e-7c00-7000-8000-000000000001',
  stripeCustomerId: 'cus_1',
  foreignIds: ['77'],
  created: [],
};

const FIELDS: Partial<Record<DeliveryKind, Record<string, string>>> = {
  upsertPerson: { email: 'ada@example.com' },
  startJourney: { journey: '12/34' },
};

describe.each(Object.keys(ALL_SYSTEMS))('a web page at the address of %s', (system) => {
  let fake: FakeSystem;
  afterEach(() => fake.stop());

  async function reach(page: string): Promise<{ connector: Connector; session: ConnectorSession }> {
    const connector = knownConnectors().get(system) as Connector;
    const reachable = await ALL_SYSTEMS[system]?.();
    if (!reachable) throw new Error(`No fake of ${system}`);
    fake = reachable.fake;
    fake.failAlways({ answer: { status: 200, headers: { 'content-type': 'text/html' }, body: page } });
    return { connector, session: openSession(connector, reachable.settings as never, reachable.secrets) };
  }

  it('accepts nothing, and gives no receipt of an erasure', async () => {
    const { connector, session } = await reach('<html><body>Welcome</body></html>');
    const { capabilities } = connector.describe();
    for (const kind of [
      'upsertPerson',
      'trackEvent',
      'startJourney',
      'createTask',
      'createTicket',
    ] as const) {
      if (!capabilities.includes(kind)) continue;
      const fields = { title: 'Call', body: 'About the plan', ...FIELDS[kind] };
      const row = aRow(kind, { foreignId: '77', fields, event: kind === 'trackEvent' ? EVENT : null });
      const results = await connector.deliver([row], session).catch(() => []);
      expect([kind, results]).not.toMatchObject([kind, [{ result: 'accepted' }]]);
    }
    const erased = (await connector.erase?.(ERASED, session).catch(() => null)) ?? null;
    expect(erased).not.toEqual({ receipt: 'accepted' });
  });
});

it.each([
  ['createTask', { status: 201, body: {} }],
  ['upsertPerson', { status: 200, body: {} }],
  ['upsertPerson', { status: 204 }],
] as const)('%s has an unknown outcome if HubSpot answers %o', async (kind, answer) => {
  const connector = knownConnectors().get('hubspot') as Connector;
  const start = ALL_SYSTEMS.hubspot as () => Promise<Reachable>;
  const { fake, settings, secrets } = await start();
  fake.failAlways({ answer });
  const row = aRow(kind, { foreignId: '77', fields: { title: 'Call', ...FIELDS[kind] } });
  const results = await connector.deliver([row], openSession(connector, settings as never, secrets));
  expect(results).toEqual([{ result: 'unknown', code: 'not_in_answer' }]);
  await fake.stop();
});
