import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { ADMIN_KEY, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const EVENTS = 20_000;

describe('the export of a person with a long history', () => {
  let service: TestApp;
  const customer = aCustomer();

  beforeAll(async () => {
    service = await TestApp.start();
    const { id, metadata } = await service.createUser();
    await service.deliver(anEvent({ ...customer, metadata }));
    await service.database.rows(
      `with person as (insert into people (user_id) values ($1) returning person_id)
       insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
       select now(), gen_random_uuid(), person_id, 'track', 'Event ' || n, jsonb_build_object('text', repeat('x', 1000)), '{}'
       from person, generate_series(1, ${EVENTS}) as n`,
      [id],
    );
  });
  afterAll(() => service.stop());

  const openExports = () =>
    service.database.count(
      'pg_stat_activity',
      `datname = current_database() and backend_xmin is not null and pid <> pg_backend_pid()`,
    );
  /** An export of which nothing is read. */
  const startExport = async () => {
    const url = `${service.url}/admin/customers/${customer.id}/export`;
    const request = get(url, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  };

  it('has each row once, however many pages it takes, and the audit has their number', async () => {
    const { tables } = (await service.admin(`customers/${customer.id}/export`)).body;

    const names = new Set(tables.behaviour_events.map(({ name }: { name: string }) => name));
    expect(tables.behaviour_events).toHaveLength(EVENTS);
    expect(names.size).toBe(EVENTS);
    const [entry] = await service.database.rows(
      `select details from audit_entries where action = 'customer.exported'`,
    );
    expect(entry).toMatchObject({ details: { rows: { behaviour_events: EVENTS, customers: 1 } } });
  });

  it('leaves while it is read: a reader that stops holds it up, and one that goes ends it', async () => {
    const answer = await startExport();
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8' });
    expect(answer.headers['content-length']).toBeUndefined();
    await waitFor('an export in the middle', async () => (await openExports()) === 1);

    answer.destroy();

    await waitFor('its connection is free', async () => (await openExports()) === 0);
  });
});
