import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  type TestContext,
} from 'vitest';
import { migrateDatabase } from '../../src/platform/database/migrate.js';
import { EmbeddedPostgres } from '../../src/platform/development/embedded-postgres.js';
import { findBrokenPromises } from '../support/database/invariants.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { StripeSender } from '../support/http/stripe-sender.js';
import { ADMIN_KEY, deliver, request } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const MAX_CONNECTIONS = 30;
const DISK_MB = 48;

describe('a service whose database', () => {
  let dataDir: string;
  /** A small disk with the service's tables; undefined if the test may not mount one. */
  let disk: string | undefined;
  let postgres: EmbeddedPostgres;
  let client: pg.Client;
  let smtp: SmtpSink;
  let service: ServiceProcess;
  let sender: StripeSender;

  const sql = (text: string, values: unknown[] = []) =>
    client.query(text, values).then((result): Record<string, unknown>[] => result.rows);

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'mingus-limits-'));
    postgres = await EmbeddedPostgres.start(dataDir, {
      max_connections: String(MAX_CONNECTIONS),
      fsync: 'off',
    });
    disk = mountDisk(postgres.pid);
    if (disk) await postgres.query(`create tablespace small location '${disk}'`);
    await postgres.query(`create database onboarding ${disk ? 'tablespace small' : ''}`);
    const url = postgres.urlOf('onboarding');
    await migrateDatabase(url);
    client = new pg.Client({ connectionString: url });
    await client.connect();
    smtp = await SmtpSink.start();
    service = await ServiceProcess.start(productionEnvironment(url, smtp.port, { LOG_LEVEL: 'warn' }));
    sender = await StripeSender.create(service.url, sql);
  });
  beforeEach(async () => {
    await sender.deliverNew();
    await everyMessageSent();
  });
  afterEach(async () => {
    expect(service.child.exitCode, service.output).toBe(null);
    await waitFor('ready again', async () => (await healthOf('ready')).status === 200);
    await everyMessageSent();
    expect(await findBrokenPromises(sql, sender.acknowledged)).toEqual({});
  });
  afterAll(async () => {
    expect(await service.end()).toBe(0);
    await client.end();
    await postgres.stop();
    await smtp.stop();
    if (disk) execFileSync('umount', [disk]);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const healthOf = (path: 'live' | 'ready') => request(`${service.url}/health/${path}`, {});
  const sessions = () =>
    sql(`select pid, application_name from pg_stat_activity where application_name like 'mingus%'`);

  async function everyMessageSent(): Promise<void> {
    await waitFor(
      'every message sent',
      async () => (await sql(`select from notifications where status <> 'sent' limit 1`)).length === 0,
      60_000,
    );
  }

  /** Delivers events until one is refused. Earlier ones may have been stored. */
  const untilRefused = () =>
    waitFor('refused', async () => {
      const event = sender.newEvent();
      const answer = await deliver(service.url, event);
      if (answer.status === 200) sender.acknowledged.add(event.id);
      return answer.status === 200 ? null : answer;
    });

  it('becomes read-only answers 503, looks for another primary, and continues when there is one', async () => {
    const before = await sessions();
    await sql('alter system set default_transaction_read_only = on');
    await sql('select pg_reload_conf()');

    const { status } = await untilRefused();
    await waitFor('the worker has noticed', () => service.output.includes('"code":"25006"'));

    expect(status).toBe(503);
    expect(await healthOf('live')).toMatchObject({ status: 200 });
    const ready = await healthOf('ready');
    expect([ready.status, ready.body.error.database]).toEqual([503, { status: 'down' }]);
    const intake = before.filter(({ application_name: name }) => name === 'mingus-onboarding intake');
    const left = await sessions();
    expect(left.filter(({ pid }) => intake.some((session) => session.pid === pid))).toEqual([]);
    await sql('alter system reset default_transaction_read_only');
    await sql('select pg_reload_conf()');
    await sender.deliverNew();
  });

  it('has no connection left answers 503, stays alive, and continues when there are some', async () => {
    const others: pg.Client[] = [];
    onTestFinished(() => Promise.all(others.map((other) => other.end())).then(() => undefined));
    // A session that begins has no name yet.
    const isForeign = `backend_type = 'client backend' and pid <> pg_backend_pid()
      and application_name is distinct from '${TAKER}'`;
    while ((await sql(`select from pg_stat_activity where ${isForeign}`)).length > 0) {
      await sql(`select pg_terminate_backend(pid) from pg_stat_activity where ${isForeign}`);
      others.push(...(await takeAllConnections(postgres.urlOf('postgres'))));
    }

    const { status } = await untilRefused();

    expect(status).toBe(503);
    expect(await healthOf('live')).toMatchObject({ status: 200 });
    const ready = await healthOf('ready');
    expect([ready.status, ready.body.error.database]).toEqual([503, { status: 'down' }]);
    await waitFor('the log says why', () => service.output.includes('"code":"53300"'));
    const starting = await ServiceProcess.spawn(
      productionEnvironment(postgres.urlOf('onboarding'), smtp.port),
    );
    expect(await starting.ended()).toBe(1);
    expect(starting.output).toMatch(/^The database \(DATABASE_URL\) has no room.*\n$/);
    await Promise.all(others.splice(0).map((other) => other.end()));
    await sender.deliverNew();
  });

  it('has no space left answers 503, still reads, loses nothing, and continues when there is some', async (context: TestContext) => {
    if (!disk) return context.skip('Mounting a small disk is not permitted here: run as root on Linux');
    const filler = join(disk, 'filler');
    onTestFinished(() => rmSync(filler, { force: true }));
    fill(filler);

    const { status } = await untilRefused();
    expect(status).toBe(503);
    expect(await healthOf('live')).toMatchObject({ status: 200 });
    const headers = { authorization: `Bearer ${ADMIN_KEY}` };
    expect((await request(`${service.url}/admin/customers`, { headers })).status).toBe(200);
    await waitFor('the log says why', () => service.output.includes('"code":"53100"'));
    rmSync(filler);
    await sender.deliverNew();
  });
});

const TAKER = 'takes all connections';

/** Opens sessions until PostgreSQL has none left. */
async function takeAllConnections(url: string): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: TAKER });
    try {
      await client.connect();
      taken.push(client);
    } catch {
      return taken;
    }
  }
}

/** Mounts a small disk for the server with this process id, if mounting is permitted. */
function mountDisk(pid: number): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'mingus-disk-'));
  try {
    const { uid, gid } = statSync(`/proc/${pid}`);
    const options = `size=${DISK_MB}m,uid=${uid},gid=${gid},mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    return undefined;
  }
}

/** Writes a file until the disk is full. */
function fill(path: string): void {
  const chunk = Buffer.alloc(64 * 1024);
  try {
    for (;;) writeFileSync(path, chunk, { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
