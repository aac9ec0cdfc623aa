import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { anEvent } from '../support/builders.js';
import { readMetric } from '../support/metrics.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { StripeSender } from '../support/http/stripe-sender.js';
import { deliver } from '../support/test-app.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { waitFor } from '../support/wait-for.js';

/** Size of the log's disk. */
const DISK_KB = 64;
const EVENTS_AT_ONCE = 50;

describe('a process whose log', () => {
  const around = useSurroundings();

  /** Starts a process that logs a lot, into a file if one is given. */
  async function start(path?: string): Promise<{ service: ServiceProcess; sender: StripeSender }> {
    const env = productionEnvironment(around.database.url, around.smtp.port, { LOG_LEVEL: 'debug' });
    const log = path ? openSync(path, 'a') : undefined;
    const service = await ServiceProcess.start(env, log);
    if (log) closeSync(log);
    onTestFinished(() => void service.child.kill('SIGKILL'));
    return {
      service,
      sender: await StripeSender.create(service.url, (sql, values) => around.database.rows(sql, values)),
    };
  }

  const lostLines = ({ url }: ServiceProcess) => readMetric(url, 'log_lines_lost_total');

  /** Makes the process lose log lines, and checks that it still accepts and finishes events. */
  async function serveWithoutLog(service: ServiceProcess, sender: StripeSender): Promise<void> {
    const isLosing = async () => {
      const events = Array.from({ length: EVENTS_AT_ONCE }, () => anEvent({}, { type: 'invoice.created' }));
      await Promise.all(events.map((event) => deliver(service.url, event)));
      return (await lostLines(service)) > 0;
    };
    await waitFor('lines are lost', isLosing, 60_000);
    await sender.deliverNew();
    await waitFor(
      'every message sent',
      async () => (await around.database.count('notifications', `status <> 'sent'`)) === 0,
    );
  }

  it('goes to a full device accepts and finishes events, counts lost lines, and stops in order', async () => {
    const { service, sender } = await start('/dev/full');

    await serveWithoutLog(service, sender);

    expect(await service.end()).toBe(0);
  }, 90_000);

  it('has a reader that does not read does the same', async () => {
    const { service, sender } = await start();
    service.child.stdout?.pause();

    await serveWithoutLog(service, sender);

    const ended = new Promise((resolve) => {
      service.child.once('exit', resolve);
    });
    service.child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 90_000);

  it('is on a full disk continues the log when there is space again, and reports how many lines are missing', async (context) => {
    const disk = mountDisk(context);
    const [filler, log] = [join(disk, 'filler'), join(disk, 'log')];
    writeFileSync(filler, Buffer.alloc((DISK_KB - 16) * 1024));
    const { service, sender } = await start(log);

    await serveWithoutLog(service, sender);
    execFileSync('mount', ['-o', 'remount,size=16m', disk]);
    rmSync(filler);

    const lines = () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line): Record<string, unknown> => JSON.parse(line));
    const report = await waitFor('a report', () => lines().find(({ msg }) => msg === 'log lines lost'));
    expect(report.lines).toBe(await lostLines(service));
    const event = await sender.deliverNew();
    await waitFor('its line', () => lines().some(({ stripeEventId }) => stripeEventId === event.id));
    expect(await service.end()).toBe(0);
  }, 90_000);
});

/** Mounts a small disk for one test. If that is not permitted, the test is skipped with a reason. */
function mountDisk(context: TestContext): string {
  const place = mkdtempSync(join(tmpdir(), 'mingus-log-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_KB}k`, 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    context.skip('mounting a disk is not permitted');
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', place]));
  return place;
}
