import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Systems } from '../../chaos/systems.js';
import { AutomationLanes } from '../../src/automations/running/automation-lanes.service.js';
import { OutboxSwitch } from '../../src/integrations/outbox/outbox-switch.service.js';
import { anEventOf, aSubscription, hour } from '../support/billing-builders.js';
import { ConnectorDriver } from '../support/connectors/connector-driver.js';
import type { RunSql } from '../support/database/invariants.js';
import { storeAutomation } from '../support/database/stored-automations.js';
import {
  type Arrived,
  findWrongDeliveries,
  hasNoDeliveryLeft,
  storeConnectors,
} from '../support/database/stored-connectors.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** A fault of each kind in what systems got, with the broken promise that must be reported. */
const LOST_OR_REPEATED: [string, string, (arrived: Arrived) => Partial<Arrived>][] = [
  ['wrong_contacts', 'a lost contact', ({ contacts }) => ({ contacts: contacts.slice(1) })],
  [
    'wrong_contacts',
    'a second contact',
    ({ contacts }) => ({ contacts: [...contacts, ...contacts.slice(1)] }),
  ],
  [
    'wrong_contacts',
    'an old address',
    ({ contacts }) => ({ contacts: contacts.map((one) => ({ ...one, email: 'old@b.test' })) }),
  ],
  [
    'wrong_contacts',
    'an old stage',
    ({ contacts }) => ({ contacts: contacts.map((one) => ({ ...one, stage: 'churned' })) }),
  ],
  ['wrong_tickets', 'a lost ticket', ({ tickets }) => ({ tickets: tickets.slice(1) })],
  ['wrong_tickets', 'a second ticket', ({ tickets }) => ({ tickets: [...tickets, ...tickets.slice(1)] })],
  [
    'wrong_tickets',
    'a ticket of no delivery',
    ({ tickets }) => ({ tickets: [...tickets, 'of no delivery'] }),
  ],
  ['wrong_tracked_events', 'a lost event', ({ events }) => ({ events: events.slice(1) })],
  [
    'wrong_tracked_events',
    'a repeated event',
    ({ events }) => ({ events: [...events, ...events.slice(-1)] }),
  ],
  ['events_out_of_order', 'events in another order', ({ events }) => ({ events: events.toReversed() })],
];

const IN_DATABASE = [
  ['gaps_in_facts', `delete from outbox where type = 'subscription.changed'`],
  ['gaps_in_facts', `update outbox set sequence = sequence + 1000`],
  ['unread_facts', `update outbox_positions set txid = 0 where consumer = 'connectors'`],
  ['wrong_delivery_states', `update deliveries set status = 'rejected' where kind = 'createTicket'`],
  ['wrong_contacts', `update customers set email = 'new@b.test'`],
] as const;

describe('the check of deliveries', () => {
  let service: TestApp;
  let systems: Systems;
  let sql: RunSql;

  beforeAll(async () => {
    systems = await Systems.start();
    Object.assign(process.env, systems.env);
    service = await TestApp.start({ env: systems.env, jobs: true });
    sql = (text, values) => service.database.rows(text, values);
    await storeConnectors(sql, systems.connectors);
    await storeAutomation(sql);
    await service.app.get(OutboxSwitch).refresh();
    const driver = new ConnectorDriver(service);
    for (const { stripe } of await driver.onboardSome(3))
      await service.deliver(anEventOf('customer.subscription.created', aSubscription(stripe.id), hour(0)));
    await waitFor('all tickets', async () => {
      await driver.relay();
      await service.app.get(AutomationLanes).run();
      await driver.settle();
      return systems.arrived.tickets.length === 3 && (await hasNoDeliveryLeft(sql));
    });
  });
  afterAll(async () => {
    for (const name of Object.keys(systems.env)) delete process.env[name];
    await service.stop();
    await systems.stop();
  });

  it('finds nothing wrong with deliveries that were not disturbed', async () => {
    expect(systems.arrived.events.length).toBeGreaterThan(6);
    expect(systems.arrived.contacts.map(({ stage }) => stage)).not.toContain('onboarding');
    expect(await findWrongDeliveries(sql, systems.arrived)).toEqual({});
    expect([systems.copies, systems.dropped]).toEqual([{ contacts: 0, events: 0 }, []]);
  });

  it.each(LOST_OR_REPEATED)('finds %s after: %s', async (name, _, broken) => {
    const { arrived } = systems;
    expect(Object.keys(await findWrongDeliveries(sql, { ...arrived, ...broken(arrived) }))).toEqual([name]);
  });

  it.each(IN_DATABASE)('finds %s after: %s', async (name, fault) => {
    await sql('begin');
    try {
      await sql(fault);
      expect(Object.keys(await findWrongDeliveries(sql, systems.arrived))).toContain(name);
    } finally {
      await sql('rollback');
    }
  });
});
