import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer } from '../support/builders.js';
import { CliProcess } from '../support/process/cli-process.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { productionEnvironment } from '../support/process/service-process.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const NO_DRIFT = { checked: 0, missing: 0, extra: 0, different: 0, repaired: 0, unmatched: 0, failed: 0 };
const SINCE = ['backfill', '--since', '2026-10-01'];

describe('the backfill command', { timeout: 120_000 }, () => {
  let stripe: FakeStripe;
  let database: TestDatabase;
  let env: Record<string, string>;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    database = await TestDatabase.create();
    env = productionEnvironment(database.url, 25, { STRIPE_API_URL: stripe.url, LOG_LEVEL: 'warn' });
    await database.rows(
      `insert into users (id, email, name, created_at)
       select 'user-' || n, n || '@example.com', 'Ada', now() from generate_series(1, 1000) n`,
    );
  });
  afterEach(() => {
    stripe.outage = null;
  });
  afterAll(async () => {
    await stripe.stop();
    await database.drop();
  });

  let users = 0;
  /** Customers in Stripe whose users are in MINGUS, a second from one to the next. */
  function putCustomers(count: number): void {
    const newest = Math.floor(Date.now() / 1000) - 60;
    for (let n = 0; n < count; n += 1) {
      users += 1;
      stripe.put(aCustomer({ created: newest - n, metadata: { mingus_user_id: `user-${users}` } }));
    }
  }

  const statusOf = async (id: string | null) => {
    const [row] = await database.rows('select status, reason, counts from reconciliations where id = $1', [
      id,
    ]);
    return row;
  };

  it('imports what is missing, tells how far it is, prints the report and ends with 0', async () => {
    putCustomers(150);

    const cli = await CliProcess.run([...SINCE, '--rate', '0'], env);

    expect(cli.stdout).toMatch(/^Backfill \S+: complete\n/);
    expect(cli.stdout).toMatch(/^customers +150 +150 +0 +0 +150 +0 +0$/m);
    expect(cli.stderr).toContain('events and');
    expect(cli.exitCode).toBe(0);
    expect(await database.count('notifications', `status <> 'suppressed'`)).toBe(0);
    expect(
      await database.count('audit_entries', `source = 'cli' and action = 'reconciliation.started'`),
    ).toBe(1);
  });

  it('with --dry-run reports and changes nothing', async () => {
    const before = await database.count('customers');
    putCustomers(1);

    const cli = await CliProcess.run([...SINCE, '--dry-run'], env);

    expect(cli.stdout).toMatch(/complete, dry run: nothing was changed\n/);
    expect(cli.exitCode).toBe(0);
    expect(await database.count('customers')).toBe(before);
  });

  it('with --notify all has everybody welcomed whom it finds', async () => {
    putCustomers(2);

    const cli = await CliProcess.run([...SINCE, '--notify', 'all'], env);

    expect(cli.exitCode).toBe(0);
    expect(await database.count('notifications', `status = 'queued' and kind = 'welcome'`)).toBe(3);
  });

  it('that Stripe does not answer ends with 1 and not as complete; resumed, it ends with 0', async () => {
    stripe.outage = 503;
    const failed = await CliProcess.run(SINCE, env);
    stripe.outage = null;
    const resumed = await CliProcess.run(['backfill', '--resume', failed.backfillId ?? ''], env);

    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain('incomplete (stripe_unavailable)');
    expect(failed.stderr).toContain(`--resume ${failed.backfillId}`);
    expect(resumed.exitCode).toBe(0);
    expect(resumed.stdout).toContain(`Backfill ${failed.backfillId}: complete`);
  });

  it('that is interrupted ends after the page at hand, and is resumed where it was', async () => {
    putCustomers(250);
    const stored = await database.count('customers');
    stripe.requests.length = 0;
    const interrupted = CliProcess.spawn([...SINCE, '--rate', '4'], env);
    await waitFor('a page of customers', async () => (await database.count('customers')) > stored, 60_000);

    const exitCode = await interrupted.end('SIGINT');
    const { status, reason } = (await statusOf(interrupted.backfillId)) ?? {};
    const resumed = await CliProcess.run(['backfill', '--resume', interrupted.backfillId ?? ''], env);

    expect({ exitCode, status, reason }).toEqual({
      exitCode: 130,
      status: 'incomplete',
      reason: 'interrupted',
    });
    expect(resumed.exitCode).toBe(0);
    expect(await statusOf(interrupted.backfillId)).toMatchObject({
      status: 'complete',
      counts: { events: NO_DRIFT, customers: { ...NO_DRIFT, checked: 403, missing: 250, repaired: 250 } },
    });
  });

  it('that is killed is taken up by --resume, and counts everything once', async () => {
    putCustomers(250);
    const stored = await database.count('customers');
    const killed = CliProcess.spawn([...SINCE, '--rate', '4'], env);
    await waitFor('a page of customers', async () => (await database.count('customers')) > stored, 60_000);

    await killed.end('SIGKILL');
    const refused = await CliProcess.run(SINCE, env);
    const resumed = await CliProcess.run(
      ['backfill', '--resume', killed.backfillId ?? '', '--rate', '0'],
      env,
    );

    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(
      `reconciliation_running: Reconciliation ${killed.backfillId} is running`,
    );
    expect(resumed.exitCode).toBe(0);
    expect(await statusOf(killed.backfillId)).toMatchObject({
      status: 'complete',
      counts: { events: NO_DRIFT, customers: { ...NO_DRIFT, checked: 653, missing: 250, repaired: 250 } },
    });
  });

  it.each([
    [['backfill'], 2, 'missing_since'],
    [['restore'], 2, 'unknown_command'],
    [['backfill', '--since', 'yesterday'], 2, 'invalid_since'],
    [['backfill', '--resume', '01a20d9b-c387-7000-8000-0755b15c6378'], 1, 'reconciliation_not_found'],
  ])('says by a code what is wrong: %j', async (args, exitCode, code) => {
    const cli = await CliProcess.run(args, env);

    expect(cli.stderr).toMatch(new RegExp(`^${code}: `, 'm'));
    expect(cli.exitCode).toBe(exitCode);
  });

  it('names the variables that are missing', async () => {
    const cli = await CliProcess.run(SINCE, { NODE_ENV: 'production' });

    expect(cli.stderr).toContain('DATABASE_URL is required in production');
    expect(cli.exitCode).toBe(1);
  });

  it('says in words that a newer release has migrated the database', async () => {
    await database.rows(`insert into migrations (timestamp, name) values (9999, 'AddTier9999')`);
    const cli = await CliProcess.run(SINCE, env);
    await database.rows(`delete from migrations where name = 'AddTier9999'`);

    expect(cli.stderr).toMatch(/^The database schema is newer than this release .*\n$/);
    expect(cli.exitCode).toBe(1);
  });
});
