import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlertedService } from '../../support/alerts.js';
import { aCustomer, anEvent } from '../../support/builders.js';
import { smtpReply, SmtpSink } from '../../support/mail/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';

const DISK_MB = 8;

/** Each alert is tested with a real fault and its end. */
describe('an alert fires and ends', () => {
  let disk: string | undefined;
  let smtp: SmtpSink;
  let alerted: AlertedService;
  let now = () => new Date();
  let smtpTakes = { password: false, recipients: true };

  beforeAll(async () => {
    disk = mountDisk();
    smtp = await SmtpSink.start({
      authOptional: false,
      onAuth: (_auth, _session, done) => done(smtpTakes.password ? null : smtpReply(535), { user: 'mingus' }),
      onRcptTo: (_address, _session, done) => done(smtpTakes.recipients ? null : smtpReply(554)),
    });
    const env = {
      DATA_DIR: disk ?? '.',
      SMTP_USERNAME: 'mingus',
      SMTP_PASSWORD: 'swordfish-0123',
      // Three slow events must not be written as one batch.
      WEBHOOK_BATCH_MAX: '1',
      WEBHOOK_WRITERS: '3',
    };
    alerted = await AlertedService.start({ smtp, env, now: () => now() });
  });
  afterAll(async () => {
    await alerted.stop();
    await smtp.stop();
    if (disk) execFileSync('umount', [disk]);
    if (disk) rmSync(disk, { recursive: true });
  });

  const rows = (sql: string) => alerted.service.database.rows(sql);
  const twoHoursPass = () => alerted.twoHoursPass();
  const times = (count: number, act: () => Promise<unknown>) =>
    Promise.all(Array.from({ length: count }, act));

  it('when the mail server refuses the login', () =>
    alerted.proves(
      'smtp_auth',
      async () => {
        await alerted.onboard();
        await alerted.work();
      },
      async () => {
        smtpTakes = { ...smtpTakes, password: true };
        await rows(`update notification_channel_states set paused_until = now(), failures = 1`);
        await rows(`update graphile_worker._private_jobs set run_at = now()`);
        await alerted.work();
      },
    ));

  it('when a channel delivers nothing for ten minutes', () =>
    alerted.proves(
      'channel_down',
      async () => {
        smtpTakes = { ...smtpTakes, password: false };
        await alerted.onboard();
        await alerted.work();
        await rows(`update notification_channel_states set since = now() - interval '11 minutes'`);
      },
      async () => {
        smtpTakes = { ...smtpTakes, password: true };
        await rows(`update notification_channel_states set paused_until = now(), failures = 1`);
        await rows(`update graphile_worker._private_jobs set run_at = now()`);
        await alerted.work();
      },
    ));

  it('when new customers are not set up', () =>
    alerted.proves('high_error_rate', () => times(3, () => alerted.onboard({ email: null })), twoHoursPass));

  it('when notifications fail', () =>
    alerted.proves(
      'notification_failures',
      async () => {
        smtpTakes = { ...smtpTakes, recipients: false };
        await alerted.onboard();
        await alerted.work();
      },
      async () => {
        smtpTakes = { ...smtpTakes, recipients: true };
        await twoHoursPass();
      },
    ));

  it('when events are slow', async () => {
    await rows(`create function be_slow() returns trigger language plpgsql as
      $$ begin perform pg_sleep(2.6); return new; end $$`);
    await alerted.proves(
      'processing_timeouts',
      async () => {
        await rows(
          `create trigger slow after insert on webhook_events for each row execute function be_slow()`,
        );
        await times(3, () => alerted.onboard());
        await rows('drop trigger slow on webhook_events');
      },
      twoHoursPass,
    );
  }, 30_000);

  it('when deliveries are answered 503, after the database is back', () =>
    alerted.proves(
      'database_connections',
      async () => {
        await alerted.service.database.shut();
        await times(6, async () => {
          expect((await alerted.service.deliver(anEvent(aCustomer()))).status).toBe(503);
        });
        await alerted.service.database.reopen();
      },
      twoHoursPass,
    ));

  it('when the database is down, and is reported during that time', async () => {
    const { database } = alerted.service;
    const sent = () => alerted.hook.sent('database_down');
    await alerted.evaluate();
    await database.shut();
    await alerted.evaluate();
    expect(sent()).toEqual([]);

    now = () => new Date(Date.now() + 40_000);
    await alerted.evaluate();
    await alerted.evaluate();
    expect(sent()).toEqual(['FIRING']);

    await database.reopen();
    await waitFor('the end reported', async () => {
      await alerted.evaluate();
      return sent().length > 1;
    });
    now = () => new Date();
    expect(sent()).toEqual(['FIRING', 'RESOLVED']);
    const { body } = await alerted.service.admin('alerts/changes?name=database_down');
    expect(body.items.map(({ change }: { change: string }) => change)).toEqual(['resolved', 'firing']);
    expect(await alerted.alert('database_down')).toMatchObject({ state: 'resolved' });
  });

  it('when signatures are refused', () =>
    alerted.proves(
      'signature_failures',
      () =>
        times(30, () => alerted.service.deliver(anEvent(aCustomer()), { secret: 'whsec_wrong_0123456789' })),
      twoHoursPass,
    ));

  it('when work waits', async () => {
    await alerted.work();
    await alerted.proves(
      'oldest_unprocessed',
      async () => {
        await alerted.onboard();
        await waitFor('waiting for over a second', async () => {
          const isOld = `run_at < now() - interval '1.1 seconds'`;
          return (await alerted.service.database.count('graphile_worker._private_jobs', isOld)) > 0;
        });
      },
      () => alerted.work(),
    );
  });

  it('when a job is given up', () =>
    alerted.proves(
      'dead_jobs',
      async () => {
        await rows(
          `select graphile_worker.add_job('track-billing', '{"customerId":"none"}', max_attempts := 1)`,
        );
        await alerted.work();
      },
      () => rows('delete from graphile_worker._private_jobs where attempts >= max_attempts'),
    ));

  it('when the disk fills up', async ({ skip }) => {
    if (!disk) return skip('no permission to mount a disk');
    const file = join(disk, 'full');
    await alerted.proves(
      'disk_full',
      async () => writeFileSync(file, Buffer.alloc(DISK_MB * 0.95 * 1024 * 1024)),
      async () => {
        const { detail } = await alerted.alert('disk_full');
        expect(detail).toContain(`% of the disk ${disk} of host ${hostname()} are in use`);
        expect(detail).toMatch(/The database has [\d.]+ MB; its largest tables: \w+ [\d.]+ [kM]B/);
        rmSync(file);
      },
    );
  });
});

/** Mounts a small disk if that is permitted. */
function mountDisk(): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'mingus-alerts-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    rmSync(place, { recursive: true });
    return undefined;
  }
}
