import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent, aUser } from '../../support/builders.js';
import { ServiceProcess } from '../../support/process/service-process.js';
import { TestApp, testEnvironment } from '../../support/test-app.js';
import { TestDatabase } from '../../support/database/test-database.js';
import { waitFor } from '../../support/wait-for.js';

const COLUMNS = 'id=member_id,email=mail,name=full_name,created_at=joined';
const USERS_TABLE = { USERS_TABLE: 'app.members', USERS_TABLE_COLUMNS: COLUMNS };

/** MINGUS's own table. A trigger rejects writes that are not announced first. */
async function createMembers(database: TestDatabase, idType: string) {
  await database.rows(`create schema app`);
  await database.rows(
    `create table app.members (member_id ${idType} primary key, mail text, full_name text, joined timestamptz)`,
  );
  await database.rows(
    `create function app.refuse() returns trigger language plpgsql as $$
     begin
       if current_setting('app.mingus', true) is distinct from 'yes' then raise exception 'written'; end if;
       return new;
     end $$`,
  );
  await database.rows(
    `create trigger read_only before insert or update or delete on app.members
     for each row execute function app.refuse()`,
  );
  await database.rows(`set app.mingus = 'yes'`);
}

describe.each([
  { idType: 'text', newId: () => aUser().id },
  { idType: 'uuid', newId: () => randomUUID() },
  { idType: 'bigint', newId: () => String(Math.floor(Math.random() * 1e15)) },
])('users in a table of MINGUS (USERS_TABLE, $idType ids)', ({ idType, newId }) => {
  let database: TestDatabase;
  let service: TestApp;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await createMembers(database, idType);
    service = await TestApp.start({ database, env: USERS_TABLE, jobs: true });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  async function addMember(id: string, joined: string | null = new Date().toISOString()) {
    await database.rows('insert into app.members values ($1, $2, $3, $4)', [
      id,
      'ada@example.com',
      'Ada',
      joined,
    ]);
  }

  const anEventOf = (id: string) => anEvent(aCustomer({ metadata: { mingus_user_id: id } }));
  const outcomeOf = async (event: { id: string }) =>
    (await service.admin(`webhook-events/${event.id}`)).body.outcome;

  it('are found there, with their names mapped', async () => {
    const id = newId();
    await addMember(id);
    const event = anEventOf(id);

    expect((await service.deliver(event)).body.notifications_sent).toBe(3);

    expect((await service.admin(`users/${id}`)).body).toMatchObject({
      id,
      email: 'ada@example.com',
      name: 'Ada',
    });
    const { body } = await service.admin(`customers?userId=${id}`);
    expect(body.items).toHaveLength(1);
  });

  it('are welcomed once, even with two customers', async () => {
    const id = newId();
    await addMember(id);

    const first = await service.deliver(anEventOf(id));
    const second = await service.deliver(anEventOf(id));

    expect([first.body.notifications_sent, second.body.notifications_sent]).toEqual([3, 0]);
  });

  it('are never written: POST /admin/users is refused', async () => {
    const { status, body } = await service.admin('users', aUser({ id: newId() }));

    expect(status).toBe(409);
    expect(body).toMatchObject({ status: 409, code: 'users_table_is_external' });
    expect(await database.count('users')).toBe(0);
  });

  it('are waited for, and announced by POST /admin/users/{id}/arrived', async () => {
    const id = newId();
    const event = anEventOf(id);
    expect((await service.deliver(event)).body).toEqual({ success: false, error: 'User not found' });
    expect((await service.admin(`users/${id}/arrived`, {})).status).toBe(404);
    await addMember(id);

    const { status } = await service.admin(`users/${id}/arrived`, {});

    expect(status).toBe(202);
    await waitFor('set up', async () => (await outcomeOf(event)) === 'created');
  });

  it.each(['no id of any type', '0', '-1', '99999999999999999999', "' or true --", 'x'.repeat(64)])(
    'are not found by the id %j, which has no effect',
    async (id) => {
      const good = newId();
      await addMember(good);

      const answers = await Promise.all([service.deliver(anEventOf(id)), service.deliver(anEventOf(good))]);

      expect(answers[0].body).toEqual({ success: false, error: 'User not found' });
      expect(answers[1].body.notifications_sent).toBe(3);
      expect((await service.admin(`users/${encodeURIComponent(id)}`)).status).toBe(404);
    },
  );

  it.each([[null], ['-infinity'], ['infinity']])(
    'with %s as joining time are not new and get no guide',
    async (joined) => {
      const id = newId();
      await addMember(id, joined);

      const { status, body } = await service.deliver(anEventOf(id));

      expect(status).toBe(200);
      expect(body.notifications_sent).toBe(2);
      expect((await service.admin(`users/${id}`)).status).toBe(200);
    },
  );
});

describe('a USERS_TABLE that cannot be read', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await createMembers(database, 'text');
    await database.rows('create table app.odd (member_id jsonb, mail text, full_name text, joined integer)');
    await database.rows(
      'create table app.numbers (member_id text, mail text, full_name text, joined integer)',
    );
  });
  afterAll(() => database.drop());

  it.each([
    ['is missing', { USERS_TABLE: 'app.nobody' }],
    ['lacks a column', { USERS_TABLE_COLUMNS: COLUMNS.replace('mail', 'e_mail') }],
    ['has ids of another type', { USERS_TABLE: 'app.odd' }],
    ['has times that are none', { USERS_TABLE: 'app.numbers' }],
    ['is no name', { USERS_TABLE: 'app.members; drop table users' }],
  ])('stops the boot with a message when it %s', { timeout: 60_000 }, async (_, env) => {
    const service = await ServiceProcess.spawn(
      testEnvironment(database.url, 1, {
        NODE_ENV: 'production',
        STRIPE_SECRET_KEY: 'sk_test_0123456789',
        ...USERS_TABLE,
        ...env,
      }),
    );
    onTestFinished(() => void service.child.kill('SIGKILL'));

    expect(await service.ended()).toBe(1);
    expect(service.output).toContain('USERS_TABLE');
  });
});
