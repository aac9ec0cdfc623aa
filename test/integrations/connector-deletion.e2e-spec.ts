import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectorUser, UsesConnectors } from '../../src/integrations/admin/connector-user.js';
import { enqueueDelivery, type NewDelivery } from '../../src/integrations/deliveries/enqueue-delivery.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { ConnectorDriver, LOCAL_SYSTEMS } from '../support/connectors/connector-driver.js';
import { DeskConnector } from '../support/connectors/desk.connector.js';
import { FakeDesk } from '../support/connectors/fake-desk.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** Something that uses a connector. */
@Injectable()
@UsesConnectors('reports')
class SomeReports implements ConnectorUser {
  uses: string[] = [];

  async usesOf(connector: string): Promise<string[]> {
    return connector === 'spare' ? this.uses : [];
  }
}

/** Ids in the system of what actions created there. */
const CREATED = `connector = 'spare' and foreign_id is not null`;

describe('the deletion of a connector', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let desk: FakeDesk;

  beforeAll(async () => {
    desk = await new FakeDesk().start();
    service = await TestApp.start({ env: LOCAL_SYSTEMS, extra: { providers: [DeskConnector, SomeReports] } });
    driver = new ConnectorDriver(service);
  });
  afterAll(async () => {
    await service.stop();
    await desk.stop();
  });

  const ticket = (occurrence: string): Omit<NewDelivery, 'customerId'> => {
    return { connector: 'spare', kind: 'createTicket', content: { title: 'Welcome' }, occurrence };
  };

  const remove = (name: string) => service.admin(`connectors/${name}`, undefined, 'DELETE');

  it('needs that nothing needs it, and a later one of its name inherits nothing', async () => {
    const settings = { baseUrl: desk.url };
    await driver.connect({ name: 'spare', system: 'desk', settings });
    const [customer, leaving, helped] = [
      await driver.onboard(),
      await driver.onboard(),
      await driver.onboard(),
    ];
    await driver.enqueue(helped, ticket('arrived'));
    await driver.settle();
    expect(await service.database.count('deliveries', CREATED)).toBe(1);
    await driver.enqueue(customer, ticket('once'));
    await service.admin('connectors/spare/disable', {});

    await service.admin(`customers/${leaving.stripe.id}/erase`, { confirm: leaving.stripe.id });
    expect(await remove('spare')).toMatchObject({ status: 409, body: { code: 'connector_busy' } });
    await driver.settleLater();
    const reports = service.app.get(SomeReports, { strict: false });
    reports.uses = ['Weekly report'];
    expect((await remove('spare')).body).toMatchObject({
      code: 'connector_in_use',
      errors: ['reports: Weekly report'],
    });
    reports.uses = [];
    expect((await remove('spare')).status).toBe(204);
    expect((await service.admin('connectors/spare')).status).toBe(404);
    expect(await service.database.count('connector_erasures', `connector = 'spare'`)).toBe(1);

    await driver.connect({ name: 'spare', system: 'desk', settings });
    expect(await service.database.count('connector_links', `connector = 'spare'`)).toBe(0);
    // An erasure would delete what has these ids in the new account.
    expect(await service.database.count('deliveries', CREATED)).toBe(0);
    await driver.enqueue(customer, ticket('once'));
    await driver.settle();
    expect(desk.tickets.map(({ person }) => person)).toEqual([helped.id]);
    const cancelled = (await driver.deliveriesOf(customer, 'spare')).find(
      ({ kind }) => kind === 'createTicket',
    );
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'connector_deleted' });
    const resent = await service.admin(`deliveries/${cancelled?.id}/resend`, {});
    expect(resent.body.code).toBe('delivery_ended');
    const { body } = await service.admin('audit-entries?action=connector.deleted');
    expect(body.items).toHaveLength(1);
    await service.admin('connectors/spare/disable', {});
  });

  it('leaves nothing of a backfill that queues a page at the same time', async () => {
    const customer = await driver.onboard();
    await driver.connect({ name: 'brief', system: 'desk', settings: { baseUrl: desk.url } });
    await service.admin('connectors/brief/backfills', {});
    await service.admin('connectors/brief/disable', {});
    const page = new UnitOfWork();
    page.execute(LOCK_BACKFILL, { name: 'brief' });
    const person = { kind: 'upsertPerson', customerId: customer.id, content: {}, isBackfill: true } as const;
    enqueueDelivery(page, { connector: 'brief', occurrence: 'page', ...person });
    let deleted: ReturnType<typeof remove> | undefined;
    await driver.write(page, async () => {
      deleted = remove('brief');
      await waitFor('the deletion to wait', isBlocked);
    });
    expect((await deleted)?.status).toBe(204);
    const live = `connector = 'brief' and status <> 'cancelled'`;
    expect(await service.database.count('deliveries', live)).toBe(0);
  });

  const isBlocked = async () =>
    (await service.database.count(
      'pg_stat_activity',
      `wait_event_type = 'Lock' and datname = current_database()`,
    )) > 0 || null;
});

/** What a backfill does while it queues a page. */
const LOCK_BACKFILL = `
  select from connector_backfills
  where connector in (select name from json_to_recordset($1::json) as given (name text))
  for update`;
