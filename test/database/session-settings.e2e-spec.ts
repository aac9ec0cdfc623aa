import { getDataSourceToken } from '@nestjs/typeorm';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { findingsOf } from '../../src/cli/doctor/doctor.command.js';
import { readEnvironment } from '../../src/settings.js';
import { INTAKE } from '../../src/platform/database/database-options.js';
import { assertMigrated, migrateDatabase } from '../../src/platform/database/migrate.js';
import {
  SESSION_SETTINGS,
  sessionFaults,
  UnsuitableSession,
} from '../../src/platform/database/session/session-settings.js';
import { SessionClient } from '../../src/platform/database/session/session-client.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestDatabase } from '../support/database/test-database.js';
import { TestApp, testEnvironment } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/**
 * Settings that an administrator may have changed for the database or the role, and that the service depends
 * on.
 */
const ODD: Record<string, string> = {
  datestyle: 'German, DMY',
  timezone: 'America/St_Johns',
  search_path: 'elsewhere',
  standard_conforming_strings: 'off',
  bytea_output: 'escape',
  intervalstyle: 'sql_standard',
  default_transaction_isolation: 'serializable',
};

/** Settings that cannot or must not be changed for a session, and how the database gets them. */
const UNSUITABLE: Record<string, { create?: string; alter?: string[] }> = {
  default_transaction_read_only: { alter: ['set default_transaction_read_only = on'] },
  encoding: { create: `template template0 encoding 'LATIN1' locale 'C'` },
};

async function onMaintenance(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** Creates a database with these options. It is dropped when the test ends. */
async function createDatabase(name: string, options: string): Promise<string> {
  await onMaintenance(`create database ${name} ${options}`);
  onTestFinished(() => onMaintenance(`drop database ${name} with (force)`));
  return inject('postgresUrl').replace(/\/postgres$/, `/${name}`);
}

async function doctorOf(url: string) {
  return (await findingsOf(testEnvironment(url, 1))).filter(({ state }) => state === 'problem');
}

it('each setting that the service depends on is tested here', () => {
  const names = SESSION_SETTINGS.map(({ name }) => name);
  expect(names.toSorted()).toEqual([...Object.keys(ODD), ...Object.keys(UNSUITABLE), 'schema'].toSorted());
});

/** Changes settings as an administrator may have done. */
async function makeOdd(url: string): Promise<void> {
  for (const [name, value] of Object.entries(ODD)) {
    const text = name === 'search_path' ? value : `'${value}'`;
    await onMaintenance(`alter database "${nameOf(url)}" set ${name} = ${text}`);
  }
}

describe('a database whose settings are odd', () => {
  let database: TestDatabase;
  let service: TestApp;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await database.rows('create schema elsewhere');
    await makeOdd(database.url);
    service = await TestApp.start({ database, jobs: true });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const pools: [string, () => { query: (sql: string) => Promise<unknown> }][] = [
    ['intake', () => service.app.get<DataSource>(getDataSourceToken(INTAKE))],
    ['general', () => service.app.get<DataSource>(getDataSourceToken())],
    ['job engine', () => service.app.get(JobRunner).connections as pg.Pool],
  ];

  it.each(pools)('is used with the settings of the service by the pool %s', async (_, poolOf) => {
    const faults = await sessionFaults(async (sql) => {
      const answer = await poolOf().query(sql);
      return ((answer as { rows?: object[] }).rows ?? answer) as Record<string, string | null>[];
    });

    expect(faults).toEqual([]);
  });

  it('accepts customers, and their jobs run', async () => {
    const { metadata } = await service.createUser({ createdAt: new Date('2026-01-02T03:04:05.678Z') });
    const customer = aCustomer({ metadata });

    expect((await service.deliver(anEvent(customer))).body.success).toBe(true);

    await waitFor('mailed', () => service.smtp.to(customer.email).length > 0);
    const { body: view } = await service.admin(`customers/${customer.id}`);
    expect(view.user.createdAt).toBe('2026-01-02T03:04:05.678Z');
  });

  it('is accepted by the doctor', async () => {
    expect((await doctorOf(database.url)).filter(({ check }) => check === 'session')).toEqual([]);
  });

  it('is migrated with the settings of the service', async () => {
    const url = await createDatabase('test_odd_and_empty', 'template template0');
    await makeOdd(url);

    await migrateDatabase(url);
    await assertMigrated(url);
  });
});

describe('a database that cannot be used', () => {
  it.each(Object.entries(UNSUITABLE))('is refused because of %s, by the doctor too', async (name, how) => {
    const url = await createDatabase('test_unsuitable', how.create ?? 'template template_mingus');
    for (const change of how.alter ?? []) await onMaintenance(`alter database test_unsuitable ${change}`);

    await expect(migrateDatabase(url)).rejects.toThrow(UnsuitableSession);
    await expect(assertMigrated(url)).rejects.toThrow(name);
    expect((await doctorOf(url)).map(({ check }) => check)).toContain('database');
  });

  it('is refused while the tables are in another schema than public', async () => {
    const database = await TestDatabase.create();
    onTestFinished(() => database.drop());
    await database.rows('alter schema public rename to elsewhere; create schema public');

    await expect(migrateDatabase(database.url)).rejects.toThrow('schema is elsewhere');
    await expect(assertMigrated(database.url)).rejects.toThrow('schema is elsewhere');
    expect((await doctorOf(database.url)).map(({ detail }) => detail)).toContain('schema is elsewhere');
  });

  it('is used beside a table of another application that has the name of one of ours', async () => {
    const url = await createDatabase('test_unsuitable', '');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create schema other; create table other.audit_seals (id int)');
    await client.end();

    await expect(migrateDatabase(url)).resolves.toMatchObject({ ran: expect.any(Array) });
  });

  it.each(['options=-c%20search_path%3Dapp', 'schema=app', 'currentSchema=app', 'search_path=app'])(
    'is refused when its URL chooses a schema: %s',
    (query) => {
      const env = testEnvironment(`postgres://localhost/mingus?${query}`, 1);
      expect(() => readEnvironment(env)).toThrow('must not choose a schema');
    },
  );

  it('keeps other options of its URL', async () => {
    const database = await TestDatabase.create();
    onTestFinished(() => database.drop());
    const client = new SessionClient({
      connectionString: `${database.url}?options=-c%20work_mem%3D5MB`,
      options: '-c enable_seqscan=off',
    });
    await client.connect();
    onTestFinished(() => client.end());

    const names = ['work_mem', 'enable_seqscan', 'timezone', 'default_transaction_isolation'];
    const { rows } = await client.query(
      `select ${names.map((name) => `current_setting('${name}') as ${name}`).join()}`,
    );

    expect(Object.values(rows[0])).toEqual(['5MB', 'off', 'UTC', 'read committed']);
  });
});

describe('a Turkish database, in which lower(I) is not i', () => {
  const TURKISH = `template template0 encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'tr-TR'`;
  const EMAIL = 'INFO.Istanbul@example.com';
  let database: TestDatabase;
  let service: TestApp;

  beforeAll(async () => {
    await onMaintenance(`create database test_turkish ${TURKISH}`);
    await migrateDatabase(inject('postgresUrl').replace(/\/postgres$/, '/test_turkish'));
    database = await TestDatabase.create('test_turkish');
    await onMaintenance('drop database test_turkish');
    service = await TestApp.start({ database, jobs: true });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  it('finds the customer for a link request in small letters, and erases the address in every spelling', async () => {
    expect(await database.rows(`select lower('I') = 'i' as folded`)).toEqual([{ folded: false }]);
    const { id, metadata } = await service.createUser({ email: EMAIL });
    const customer = aCustomer({ email: EMAIL, metadata });
    await service.deliver(anEvent(customer));
    const mails = () => service.smtp.to(EMAIL).length;
    await waitFor('welcomed', () => mails() === 3);

    const body = new URLSearchParams({ email: EMAIL.toLowerCase() });
    await fetch(`${service.url}/portal/links`, { method: 'POST', body });
    await waitFor('mailed a link', () => mails() === 4);

    await service.admin('suppressions', { address: EMAIL.toLowerCase(), note: 'x' });
    expect((await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id })).status).toBe(
      200,
    );
    expect((await service.admin(`users/${id}/erase`, { confirm: id })).status).toBe(404);
    expect(await database.dump()).not.toMatch(/info\.istanbul/i);
  });
});
