import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { smtpReply, SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const PARALLEL_SENDS = 2;

/** A message that the mail server has received but not answered. */
interface HeldMessage {
  accept: () => void;
  defer: () => void;
}

describe('a worker that is frozen for longer than its lease, in the middle of a job', () => {
  /** Receives events, and runs no jobs. */
  let api: TestApp;
  let smtp: SmtpSink;
  let frozen: ServiceProcess;
  let held: HeldMessage[] = [];

  beforeAll(async () => {
    smtp = await SmtpSink.start({
      onMessage: () =>
        new Promise((resolve) => {
          held.push({ accept: () => resolve(null), defer: () => resolve(smtpReply(451)) });
        }),
    });
    api = await TestApp.start({ smtp });
  });
  afterAll(async () => {
    await api.stop();
    await smtp.stop();
  });
  beforeEach(async () => {
    held = [];
    frozen = await startWorker();
    const { metadata } = await api.createUser();
    await api.deliver(anEvent(aCustomer({ metadata })));
    await waitFor('sending', () => held.length === PARALLEL_SENDS);
    await waitFor(
      'tracked',
      async () => (await queuedJobs(api.database, 'track-customer-created')).length === 0,
    );
    frozen.child.kill('SIGSTOP');
    await startWorker();
    await waitFor('taken over', () => held.length === 2 * PARALLEL_SENDS);
  });

  async function startWorker(): Promise<ServiceProcess> {
    const worker = await ServiceProcess.start(
      productionEnvironment(api.database.url, smtp.port, {
        PROCESS_ROLES: 'worker',
        SMTP_MAX_CONNECTIONS: String(PARALLEL_SENDS),
        WORKER_LEASE_SECONDS: '5',
        LOG_LEVEL: 'info',
      }),
    );
    onTestFinished(() => {
      worker.child.kill('SIGCONT');
      for (const { accept } of held) accept();
      return worker.end().then(() => undefined);
    });
    return worker;
  }

  const notifications = () => api.database.rows('select * from notifications order by id');
  const lifecycles = () => api.database.rows('select * from customer_lifecycles');
  const jobs = () =>
    api.database.rows('select id, locked_by, attempts from graphile_worker._private_jobs order by id');

  it('completes nothing when it wakes up, reverts nothing, and sends nothing more', async () => {
    const [lost, lostToo, taken, takenToo] = held;
    taken?.accept();
    takenToo?.defer();
    await waitFor('the last message', () => held.length === 2 * PARALLEL_SENDS + 1);
    await waitFor('one to be tried again', async () => {
      const left = await jobs();
      return left.length === 2 && left.some(({ locked_by }) => locked_by === null);
    });
    const before = [await notifications(), await lifecycles(), await jobs()];

    lost?.defer();
    lostToo?.defer();
    frozen.child.kill('SIGCONT');
    await waitFor('noticed', () => frozen.output.includes('"msg":"job taken over"'));

    expect([await notifications(), await lifecycles(), await jobs()]).toEqual(before);
    expect(held).toHaveLength(2 * PARALLEL_SENDS + 1);
    held.at(-1)?.accept();
    await waitFor('the job done by the one that has it', async () => (await jobs()).length === 1);
    expect(await api.database.count('notifications', `status = 'sent'`)).toBe(2);
    expect(await api.database.count('notification_attempts')).toBe(3);
    expect(await api.database.rows('select count from analytics_daily_rollups')).toEqual([{ count: '1' }]);
  });
});
