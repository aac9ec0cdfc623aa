import { randomUUID } from 'node:crypto';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { expect } from 'vitest';
import { DeliveryLanes } from '../../../src/integrations/deliveries/delivery-lanes.service.js';
import { enqueueDelivery, type NewDelivery } from '../../../src/integrations/deliveries/enqueue-delivery.js';
import { OutboxRelay } from '../../../src/integrations/outbox/outbox-relay.service.js';
import { UnitOfWork } from '../../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { aCustomer, anEvent, type Fields } from '../builders.js';
import { TestApp } from '../test-app.js';
import { waitFor } from '../wait-for.js';

/** Lets connectors reach fakes on this machine. */
export const LOCAL_SYSTEMS = { OUTBOUND_PRIVATE_NETWORKS: '127.0.0.0/8' };

/** A customer of a test, with what changes it needs. */
export interface TestCustomer {
  id: string;
  stripe: Fields & { id: string };
}

/** A row of `deliveries`. */
export interface DeliveryRow {
  id: string;
  connector: string;
  kind: string;
  status: string;
  reason: string | null;
  detail: string | null;
  attempts: number;
}

/** Drives connectors through the API, as an operator and Stripe do. */
export class ConnectorDriver {
  private seconds = Math.floor(Date.now() / 1000);

  constructor(readonly service: TestApp) {}

  /** Creates a connector and enables it. */
  async connect(body: Fields & { name: string }): Promise<void> {
    const created = await this.service.admin('connectors', body);
    expect([created.status, created.body.errors]).toEqual([201, undefined]);
    const enabled = await this.service.admin(`connectors/${body.name}/enable`, {});
    expect(enabled.status).toBe(200);
  }

  async onboard(fields: Fields = {}): Promise<TestCustomer> {
    const { metadata } = await this.service.createUser();
    const stripe = aCustomer({ metadata, ...fields });
    expect((await this.service.deliver(anEvent(stripe))).body).toMatchObject({ success: true });
    const [row] = await this.service.database.rows<{ id: string }>(
      'select id from customers where stripe_customer_id = $1',
      [stripe.id],
    );
    return { id: row?.id ?? '', stripe };
  }

  async onboardSome(count: number): Promise<TestCustomer[]> {
    const customers: TestCustomer[] = [];
    for (let index = 0; index < count; index += 1) customers.push(await this.onboard());
    return customers;
  }

  /** Changes a customer in Stripe. */
  async update(customer: TestCustomer, fields: Fields): Promise<void> {
    Object.assign(customer.stripe, fields);
    this.seconds = Math.max(this.seconds, Math.floor(Date.now() / 1000)) + 1;
    const event = anEvent({ ...customer.stripe }, { type: 'customer.updated', created: this.seconds });
    expect((await this.service.deliver(event)).body).toMatchObject({ success: true });
  }

  /** Queues an action about a customer, as an automation does. */
  async enqueue(
    { id: customerId }: TestCustomer,
    action: Omit<NewDelivery, 'customerId' | 'occurrence'> & { occurrence?: string },
  ): Promise<void> {
    const unit = new UnitOfWork();
    enqueueDelivery(unit, { occurrence: randomUUID(), ...action, customerId });
    await this.write(unit);
  }

  /** Writes a unit in a transaction. @param beforeCommit what happens while the transaction is open */
  async write(unit: UnitOfWork, beforeCommit: () => Promise<unknown> = async () => undefined): Promise<void> {
    const dataSource = this.service.app.get<DataSource>(getDataSourceToken());
    await dataSource.transaction(async (manager) => {
      await this.service.app.get(UnitOfWorkWriter).write(manager, [unit]);
      await beforeCommit();
    });
  }

  /** Relays the outbox and delivers all that is due. */
  async settle(): Promise<void> {
    await this.relay();
    await this.service.app.get(DeliveryLanes).run();
  }

  /** Turns all facts into deliveries. */
  async relay(): Promise<void> {
    // Rows wait for older transactions of jobs.
    await waitFor('the outbox to be read', async () => {
      await this.service.app.get(OutboxRelay).run();
      return (await this.service.database.count('outbox_positions position', UNREAD)) === 0 || null;
    });
  }

  /** Makes due what waits for a later time, ends pauses, and settles. */
  async settleLater(): Promise<void> {
    const { database } = this.service;
    await database.rows('update connectors set paused_until = now() where paused_until is not null');
    await database.rows(`update deliveries set next_attempt_at = now() where status = 'queued'`);
    await database.rows(`update connector_erasures set next_attempt_at = now() where status = 'under_way'`);
    await this.settle();
  }

  /** The deliveries about a customer, oldest first. */
  deliveriesOf({ id }: TestCustomer, connector?: string): Promise<DeliveryRow[]> {
    return this.service.database.rows<DeliveryRow>(
      `select id, connector, kind, status, reason, detail, attempts from deliveries
       where customer_id = $1 and ($2::text is null or connector = $2) order by position`,
      [id, connector ?? null],
    );
  }
}

/** Nothing is read while there is no connector, or no enabled automation. */
const UNREAD = `exists (
  select from outbox where outbox.partition = position.partition
    and (outbox.txid, outbox.customer_id, outbox.sequence) > (position.txid, position.customer_id, position.sequence))
  and case consumer
    when 'automations' then exists (select from automations where enabled)
    else exists (select from connectors) end`;
