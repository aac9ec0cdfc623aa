import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskReadings } from '../../src/monitoring/storage/disk-readings.service.js';
import { KeepHouseJob } from '../../src/monitoring/storage/keep-house.job.js';
import { AlertedService } from '../support/alerts.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { runCommand } from '../support/process/command-line.js';
import { productionEnvironment } from '../support/process/test-environment.js';

describe('used storage', () => {
  let alerted: AlertedService;

  beforeAll(async () => {
    alerted = await AlertedService.start();
  });
  afterAll(() => alerted.stop());

  const rows = <T extends object>(sql: string, values?: unknown[]) =>
    alerted.service.database.rows<T>(sql, values);
  const keepHouse = () => alerted.service.app.get(KeepHouseJob).run();

  it('is in the summary by table, with its growth over the last week', async () => {
    const storageOf = async (table: string) => {
      const { storage } = (await alerted.service.admin('metrics/summary')).body;
      expect(storage.databaseBytes).toBeGreaterThan(1_000_000);
      return storage.tables.find((one: { table: string }) => one.table === table);
    };
    await keepHouse();
    expect(await storageOf('webhook_events')).toMatchObject({ grownBytes: null, grownSince: null });

    await rows(`update table_sizes set day = day - 3, bytes = bytes - 5000`);
    await keepHouse();
    await keepHouse();

    const [day] = await rows<{ day: string }>(`select ((now() at time zone 'UTC')::date - 3)::text as day`);
    expect(await storageOf('webhook_events')).toEqual({
      table: 'webhook_events',
      bytes: expect.any(Number),
      grownBytes: 5000,
      grownSince: day?.day,
    });
    expect(await storageOf('graphile_worker._private_jobs')).toMatchObject({ grownBytes: 5000 });
    expect(await alerted.service.database.count('table_sizes', `table_name = 'customers'`)).toBe(2);
  });

  it('is kept for 400 days', async () => {
    await rows(`insert into table_sizes values ('customers', current_date - 401, 1)`);
    await keepHouse();
    expect(await alerted.service.database.count('table_sizes', 'day < current_date - 400')).toBe(0);
  });

  it('is reported for the fullest disk of all hosts, by any process', async () => {
    await rows(
      `insert into disk_readings values ('db-7', '/var/lib/full', 1000000000, 10000000, now()),
        ('gone', '/', 1000, 0, now() - interval '2 minutes')`,
    );
    await alerted.evaluate();
    expect(await alerted.alert('disk_full')).toMatchObject({
      state: 'firing',
      value: 0.99,
      detail: expect.stringMatching(
        /^99 % of the disk \/var\/lib\/full of host db-7 are in use, 9\.5 MB are free\. The database has /,
      ),
    });
    await rows(`delete from disk_readings`);
    await alerted.service.app.get(DiskReadings).record();
    expect(await alerted.service.database.count('disk_readings')).toBeGreaterThan(0);
  });

  it('is purged by a command, which reports and audits the removed rows', async () => {
    const { metadata } = await alerted.service.createUser();
    const event = anEvent(aCustomer({ metadata }));
    await alerted.service.deliver(event);
    await rows(`update webhook_events set received_at = received_at - interval '31 days'`);
    await rows(
      `insert into alert_changes (id, name, change, value, detail, occurred_at, routes_left)
       values ('01800000-0000-7000-8000-000000000000', 'dead_jobs', 'firing', 1, '', now(), '{}')`,
    );
    const env = productionEnvironment(alerted.service.database.url, alerted.service.smtp.port, {
      WEBHOOK_RETENTION_DAYS: '30',
    });

    const { exitCode, stdout, stderr } = await runCommand(['purge'], env);

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('webhook_events: 1 bodies erased\n');
    expect(stdout).toContain('alert_changes: 1 rows removed\n');
    expect((await alerted.service.admin(`webhook-events/${event.id}`)).body.body).toBeNull();
    const { body } = await alerted.service.admin('audit-entries?objectId=webhook_events');
    expect(body.items[0]).toMatchObject({ action: 'rows.purged', details: { count: 1, days: 30 } });
    const unknown = await runCommand(['purge', '--all'], env);
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      2,
      expect.stringContaining("unknown option '--all'"),
    ]);
  }, 180_000);
});
