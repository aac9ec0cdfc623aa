import { expect, it } from 'vitest';
import { knownConnectors } from '../../src/cli/doctor/connector-health.js';
import type { Connector } from '../../src/integrations/connectors/connector.js';
import { ALL_SYSTEMS, type Reachable } from '../support/connectors/all-systems.js';
import { aRow, deliverOne, openSession } from '../support/connectors/open-session.js';

it.each([
  ['hubspot', 'email', ['firstname']],
  ['intercom', 'email', ['name']],
  ['planhat', 'email', ['firstName', 'company.name']],
  ['request-tracker', 'EmailAddress', ['RealName']],
  ['zendesk', 'email', ['name']],
])(
  'A connector to %s that knows no ids any more keeps what people corrected',
  async (system, email, kept) => {
    const connector = knownConnectors().get(system) as Connector;
    const start = ALL_SYSTEMS[system] as () => Promise<Reachable>;
    const { fake, settings, secrets } = await start();
    const session = openSession(connector, settings as never, secrets);
    const row = aRow('upsertPerson', { keptFields: kept });
    const written = (name: string) => {
      const fields = Object.fromEntries(kept.map((field) => [field, name]));
      return { ...row, fields: { ...fields, [email]: row.person.email } };
    };
    expect(await deliverOne(connector, written('Corrected'), session)).toMatchObject({ result: 'accepted' });
    expect(await deliverOne(connector, written('From Stripe'), session)).toMatchObject({
      result: 'accepted',
    });
    const [present] = (await connector.readBack?.([row], session)) ?? [];
    expect(kept.map((field) => present?.[field])).toEqual(kept.map(() => 'Corrected'));
    await fake.stop();
  },
);
