import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer } from '../support/builders.js';
import { CliProcess } from '../support/process/cli-process.js';
import { runCommand } from '../support/process/command-line.js';
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
  /** Creates customers in Stripe whose users exist in MINGUS, one second apart. */
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

  /** The backfill's id in the output. */
  const backfillIdIn = ({ stderr }: { stderr: string }) =>
    /^Backfill ([0-9a-f-]{36})/m.exec(stderr)?.[1] ?? null;

  it('imports missing customers, shows its progress, prints the report and ends with 0', async () => {
    putCustomers(150);

    const cli = await runCommand([...SINCE, '--rate', '0'], env);

    expect(cli.stdout).toMatch(/^Backfill \S+: complete\n/);
    expect(cli.stdout).toMatch(/^customers +150 +150 +0 +0 +150 +0 +0$/m);
    expect(cli.stderr).toContain('checked, 0 found, 0 repaired');
    expect(cli.exitCode).toBe(0);
    expect(await database.count('notifications', `status <> 'suppressed'`)).toBe(0);
    expect(
      await database.count('audit_entries', `source = 'cli' and action = 'reconciliation.started'`),
    ).toBe(1);
  });

  it('with --dry-run reports and changes nothing', async () => {
    const before = await database.count('customers');
    putCustomers(1);

    const cli = await runCommand([...SINCE, '--dry-run'], env);

    expect(cli.stdout).toMatch(/complete, dry run: nothing was changed\n/);
    expect(cli.exitCode).toBe(0);
    expect(await database.count('customers')).toBe(before);
  });

  it('with --notify all welcomes every customer that it sets up', async () => {
    putCustomers(2);

    const cli = await runCommand([...SINCE, '--notify', 'all'], env);

    expect(cli.exitCode).toBe(0);
    expect(await database.count('notifications', `status = 'queued' and kind = 'welcome'`)).toBe(3);
  });

  it('that Stripe does not answer ends with 1 and not as complete; resumed, it ends with 0', async () => {
    stripe.outage = 503;
    const failed = await runCommand(SINCE, env);
    stripe.outage = null;
    const resumed = await runCommand(['backfill', '--resume', backfillIdIn(failed) ?? ''], env);

    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain('incomplete (stripe_unavailable)');
    expect(failed.stderr).toContain(`--resume ${backfillIdIn(failed)}`);
    expect(resumed.exitCode).toBe(0);
    expect(resumed.stdout).toContain(`Backfill ${backfillIdIn(failed)}: complete`);
  });

  it('that is interrupted ends after the current page, and is resumed there', async () => {
    putCustomers(250);
    const stored = await database.count('customers');
    stripe.requests.length = 0;
    const interrupted = CliProcess.spawn([...SINCE, '--rate', '4'], env);
    await waitFor('a page of customers', async () => (await database.count('customers')) > stored, 60_000);

    const exitCode = await interrupted.end('SIGINT');
    const { status, reason } = (await statusOf(backfillIdIn(interrupted))) ?? {};
    const resumed = await runCommand(['backfill', '--resume', backfillIdIn(interrupted) ?? ''], env);

    expect({ exitCode, status, reason }).toEqual({
      exitCode: 130,
      status: 'incomplete',
      reason: 'interrupted',
    });
    expect(resumed.exitCode).toBe(0);
    expect(await statusOf(backfillIdIn(interrupted))).toMatchObject({
      status: 'complete',
      counts: { events: NO_DRIFT, customers: { ...NO_DRIFT, checked: 403, missing: 250, repaired: 250 } },
    });
  });

  it('that is killed is continued by --resume, and counts everything once', async () => {
    putCustomers(250);
    const stored = await database.count('customers');
    const killed = CliProcess.spawn([...SINCE, '--rate', '4'], env);
    await waitFor('a page of customers', async () => (await database.count('customers')) > stored, 60_000);

    await killed.end('SIGKILL');
    const refused = await runCommand(SINCE, env);
    const resumed = await runCommand(
      ['backfill', '--resume', backfillIdIn(killed) ?? '', '--rate', '0'],
      env,
    );

    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(
      `reconciliation_running: Reconciliation ${backfillIdIn(killed)} is running`,
    );
    expect(resumed.exitCode).toBe(0);
    expect(await statusOf(backfillIdIn(killed))).toMatchObject({
      status: 'complete',
      counts: { events: NO_DRIFT, customers: { ...NO_DRIFT, checked: 653, missing: 250, repaired: 250 } },
    });
  });

  it.each([
    [['backfill'], 2, 'error: give --since <date>, or --resume <id>'],
    [['restore'], 2, "error: unknown command 'restore'"],
    [
      ['backfill', '--since', 'yesterday'],
      2,
      "error: option '--since <date>' argument 'yesterday' is invalid",
    ],
    [['backfill', '--resume', '01a20d9b-c387-7000-8000-0755b15c6378'], 1, 'reconciliation_not_found: '],
  ])('says what is wrong: %j', async (args, exitCode, text) => {
    const cli = await runCommand(args, env);

    expect(cli.stderr.startsWith(text)).toBe(true);
    expect(cli.exitCode).toBe(exitCode);
  });

  it('names the variables that are missing', async () => {
    const cli = await runCommand(SINCE, { NODE_ENV: 'production' });

    expect(cli.stderr).toContain('DATABASE_URL is required in production');
    expect(cli.exitCode).toBe(1);
  });

  it('reports that a newer release has migrated the database', async () => {
    await database.rows(`insert into migrations (timestamp, name) values (9999, 'AddTier9999')`);
    const cli = await runCommand(SINCE, env);
    await database.rows(`delete from migrations where name = 'AddTier9999'`);

    expect(cli.stderr).toMatch(/^The database schema is newer than this release .*\n$/);
    expect(cli.exitCode).toBe(1);
  });
});
