import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { runCommand } from '../support/process/command-line.js';
import { productionEnvironment } from '../support/process/service-process.js';
import { storeSegments } from '../support/database/stored-segments.js';
import { TestApp } from '../support/test-app.js';

describe('operations at the command line', { timeout: 180_000 }, () => {
  let service: TestApp;
  let env: Record<string, string>;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: false });
    env = productionEnvironment(service.database.url, 25, { LOG_LEVEL: 'warn' });
  });
  afterAll(() => service.stop());

  const cli = (line: string) => runCommand(line.split(' '), env);

  async function aQueuedCustomer() {
    const customer = aCustomer({ metadata: (await service.createUser()).metadata });
    expect((await service.deliver(anEvent(customer))).status).toBe(200);
    return customer;
  }

  const statesOf = (email: string) =>
    service.database.rows<{ status: string; reason: string | null }>(
      `select n.status, n.reason from notifications n join customers c on c.id = n.customer_id where c.email = $1`,
      [email],
    );

  const audited = (action: string) =>
    service.database.rows<{ actor: string; object: string; source: string }>(
      `select actor_name as actor, object_id as object, source from audit_entries where action = $1`,
      [action],
    );

  it('list dead jobs and run them again', async () => {
    await service.database.rows(
      `insert into graphile_worker._private_tasks (identifier) values ('track-analytics') on conflict do nothing`,
    );
    const [{ id } = { id: '' }] = await service.database.rows<{ id: string }>(
      `insert into graphile_worker._private_jobs (task_id, payload, attempts, max_attempts, last_error)
       select id, '[]', 25, 25, 'The provider moved' from graphile_worker._private_tasks
       where identifier = 'track-analytics' returning id::text`,
    );

    expect((await cli('jobs list')).stdout).toMatch(
      new RegExp(`^${id}  track-analytics  25 attempts  \\S+  The provider moved$`, 'm'),
    );
    const { stdout, exitCode } = await cli(`jobs retry ${id}`);

    expect(stdout).toContain('1 jobs run again');
    expect(exitCode).toBe(0);
    expect(
      await service.database.rows('select attempts from graphile_worker._private_jobs where id = $1', [id]),
    ).toEqual([{ attempts: 0 }]);
    expect(await audited('job.retried')).toEqual([
      { actor: expect.stringContaining(userInfo().username), object: id, source: 'cli' },
    ]);
    expect((await cli(`jobs retry ${id}`)).exitCode).toBe(1);
    expect((await cli('jobs analyze')).exitCode).toBe(0);
  });

  it('show what runs in the database', async () => {
    const { stdout, exitCode } = await cli('database activity');

    expect(stdout).toMatch(/^\d+ connections {2}mingus/m);
    expect(exitCode).toBe(0);
    expect((await cli('database')).exitCode).toBe(2);
  });

  it('show why a channel is paused, and resume it', async () => {
    await service.database.rows(
      `insert into notification_channel_states (channel, failures, paused_until, reason)
       values ('email', 3, now() + interval '5 minutes', '535')`,
    );

    expect((await cli('channels list')).stdout).toMatch(
      /^email {2}paused until \S+ {2}3 faults since \S+ {2}535$/m,
    );
    const { exitCode } = await cli('channels resume email');

    expect(exitCode).toBe(0);
    expect(await service.database.count('notification_channel_states')).toBe(0);
    expect(await audited('channel.resumed')).toMatchObject([{ object: 'email', source: 'cli' }]);
    expect((await cli('channels resume email')).stdout).toContain('nothing to resume');
  });

  it('release held messages, and cancel those of one address', async () => {
    const [released, cancelled] = [await aQueuedCustomer(), await aQueuedCustomer()];
    await cli('hold-messages');
    expect(await statesOf(released.email as string)).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'held', reason: 'restored_backup' })),
    );

    const dryRun = await cli(
      `notifications cancel --status held --address ${cancelled.email?.toUpperCase()} --dry-run`,
    );
    const cancel = await cli(
      `notifications cancel --status held --address ${cancelled.email?.toUpperCase()}`,
    );
    const release = await cli('notifications release --status held --reason restored_backup');

    expect(dryRun.stdout.trim().split('\n')).toHaveLength(3);
    expect(cancel.stdout).toContain('3 notifications are cancelled');
    expect(release.stdout).toContain('3 notifications are queued');
    expect(await statesOf(released.email as string)).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'queued', reason: null })),
    );
    expect(new Set((await statesOf(cancelled.email as string)).map(({ status }) => status))).toEqual(
      new Set(['cancelled']),
    );
    expect(await audited('notification.resent')).toHaveLength(3);
  });

  it('are limited to the members of a segment', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    await storeSegments((text, values) => service.database.rows(text, values), {
      chosen: { type: 'field', field: 'email', equals: customer.email as string },
    });
    await service.database.rows(
      `insert into customer_segments
       select customers.id, array[serving_version_id], '{}', null, 1, now(), true from customers, segments where email = $1`,
      [customer.email],
    );
    const dryRun = await cli('notifications cancel --status queued --segment chosen --dry-run');
    expect(dryRun.stdout.trim().split('\n')).toHaveLength(3);
    const unknown = await cli('notifications cancel --status queued --segment nope --dry-run');
    expect(unknown.exitCode).not.toBe(0);
    expect(unknown.stderr).toContain('No segment nope');
  });

  it('fetch thin events from Stripe again', async () => {
    await service.database.rows(`update webhook_events set outcome = 'fetching'
      where id = (select id from webhook_events limit 1)`);

    const { stdout } = await cli('events refetch');

    expect(stdout).toContain('1 events are fetched again');
    expect(await service.database.count('graphile_worker._private_jobs', `key like 'fetch:evt_%'`)).toBe(1);
    expect(await audited('webhook_event.refetched')).toHaveLength(1);
  });
});
