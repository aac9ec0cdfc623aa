import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateDatabase } from '../../src/platform/database/migrate.js';
import { EmbeddedPostgres } from '../../src/platform/development/embedded-postgres.js';
import { findBrokenPromises } from '../support/database/invariants.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { StripeSender } from '../support/http/stripe-sender.js';
import { deliver, request } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const PARALLEL = 4;
/** Each event costs three messages, which are all sent before the next test. */
const PAUSE_MS = 20;

describe('a service whose database', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  let smtp: SmtpSink;
  let service: ServiceProcess;
  let sender: StripeSender;
  /** The mail server answers when this promise is resolved. */
  let hold: Promise<void> | undefined;
  let holding = 0;

  const sql = (text: string, values: unknown[] = []) =>
    postgres.query(text, values).then((result): Record<string, unknown>[] => result.rows);

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'mingus-outage-'));
    postgres = await EmbeddedPostgres.start(dataDir);
    await migrateDatabase(postgres.urlOf('postgres'));
    smtp = await SmtpSink.start({
      onMessage: async () => {
        holding += 1;
        await hold;
        holding -= 1;
        return null;
      },
    });
    service = await ServiceProcess.start(productionEnvironment(postgres.urlOf('postgres'), smtp.port));
  });
  beforeEach(async () => {
    sender = await StripeSender.create(service.url, sql);
  });
  afterEach(async () => {
    expect(service.child.exitCode, service.output).toBe(null);
    await sender.finish();
    await everyMessageSent();
    await waitFor(
      'no open transaction',
      async () => (await sql(`select from pg_stat_activity where state like 'idle in tr%'`)).length === 0,
    );
    expect(await findBrokenPromises(sql, sender.acknowledged)).toEqual({});
  });
  afterAll(async () => {
    await postgres.stop();
    expect(await service.end(), 'stopping while the database is away').toBe(0);
    await smtp.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function healthOf(path: 'live' | 'ready') {
    const { status, body } = await request(`${service.url}/health/${path}`, {});
    return { status, body };
  }

  async function everyMessageSent(): Promise<void> {
    await waitFor(
      'every message sent',
      async () => (await sql(`select from notifications where status <> 'sent' limit 1`)).length === 0,
      150_000,
    );
  }

  async function underLoad(): Promise<void> {
    sender.start(PARALLEL, PAUSE_MS);
    await waitFor('load', () => sender.count(200) > 50);
  }

  it.each([
    ['stopped', () => postgres.stop()],
    ['killed', () => stopHard(postgres)],
  ])(
    'is %s under load answers 503, stays alive, and continues without a restart',
    async (_, stopDatabase) => {
      await underLoad();

      await stopDatabase();

      const down = await deliver(service.url, sender.newEvent());
      expect(down.status).toBe(503);
      expect(down.headers.get('retry-after')).toBe('5');
      expect(down.body).toEqual({ success: false, error: 'Temporarily unavailable' });
      expect(await healthOf('live')).toMatchObject({ status: 200 });
      const ready = await healthOf('ready');
      expect(ready.status).toBe(503);
      expect(ready.body.error).toMatchObject({ database: { status: 'down' } });

      postgres = await EmbeddedPostgres.start(dataDir, {}, postgres.port);

      const before = sender.count(200);
      await waitFor('events again', () => sender.count(200) > before + 50);
      await waitFor('ready again', async () => (await healthOf('ready')).status === 200);
    },
  );

  it('is restarted while a message is being sent delivers that message too', async () => {
    let accept = () => {};
    hold = new Promise((resolve) => {
      accept = resolve;
    });
    const event = await sender.deliverNew();
    await waitFor('sending', () => holding > 0);

    await postgres.stop();
    accept();
    await waitFor('nothing being sent', () => holding === 0);
    postgres = await EmbeddedPostgres.start(dataDir, {}, postgres.port);

    expect(await sql('select from customers where stripe_event_id = $1', [event.id])).toHaveLength(1);
  });

  it('loses sessions at random continues', async () => {
    await underLoad();
    let terminated = 0;

    while (terminated < 20) {
      const victims = await sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name like 'mingus%' order by random() limit 1`,
      );
      terminated += victims.length;
      const before = sender.count(200);
      await waitFor('events again', () => sender.count(200) > before + 5);
    }
  });
});

/** Stops PostgreSQL as a crash does: without a shutdown, with recovery at the next start. */
async function stopHard(postgres: EmbeddedPostgres): Promise<void> {
  process.kill(postgres.pid, 'SIGQUIT');
  await postgres.stop();
}
