import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const PARALLEL_SENDS = 2;
/** The jobs of a dead worker must run again within this time. */
const RECOVERY_MS = 60_000;
/** A dead worker is noticed sooner. */
const SHORT_LEASE = { WORKER_LEASE_SECONDS: '10' };

describe('a worker process', () => {
  /** Receives events, and runs no jobs. */
  let api: TestApp;
  let smtp: SmtpSink;
  let workers: ServiceProcess[];
  /** Messages that the mail server has received but not answered. */
  let held: (() => void)[];
  let isHolding: boolean;

  beforeAll(async () => {
    smtp = await SmtpSink.start({
      onMessage: () =>
        new Promise((resolve) => {
          if (isHolding) held.push(() => resolve(null));
          else resolve(null);
        }),
    });
    api = await TestApp.start({ smtp });
  });
  beforeEach(() => {
    [workers, held, isHolding] = [[], [], true];
    smtp.mails.length = 0;
  });
  afterEach(async () => {
    acceptAll();
    await Promise.all(workers.map((worker) => worker.end()));
  });
  afterAll(async () => {
    await api.stop();
    await smtp.stop();
  });

  async function startWorker(env: Record<string, string> = {}): Promise<ServiceProcess> {
    const worker = await ServiceProcess.start(
      productionEnvironment(api.database.url, smtp.port, {
        PROCESS_ROLES: 'worker',
        SMTP_MAX_CONNECTIONS: String(PARALLEL_SENDS),
        ...env,
      }),
    );
    workers.push(worker);
    return worker;
  }

  function acceptAll(): void {
    isHolding = false;
    for (const accept of held.splice(0)) accept();
  }

  async function onboard(customers: number): Promise<void> {
    for (let i = 0; i < customers; i += 1) {
      const { metadata } = await api.createUser();
      await api.deliver(anEvent(aCustomer({ metadata })));
    }
  }

  /** Waits until each worker has checked for dead workers. */
  async function eachWorkerBeats(): Promise<void> {
    const [row] = await api.database.rows<{ now: Date }>('select now()');
    await waitFor('heartbeats', async () => {
      const beats = await api.database.rows('select from job_workers where last_heartbeat_at > $1', [
        row?.now,
      ]);
      return beats.length === workers.length;
    });
  }

  const inStatus = (status: string) => api.database.count('notifications', `status = '${status}'`);

  /** The number of copies of each message, by Message-ID. */
  function copies(): number[] {
    const counts = new Map<string, number>();
    for (const { mail } of smtp.mails) {
      counts.set(mail.messageId ?? '', (counts.get(mail.messageId ?? '') ?? 0) + 1);
    }
    return [...counts.values()];
  }

  it(
    'that is killed during a job leaves its jobs to another one, and only the messages being sent are repeated',
    async () => {
      await onboard(4);
      const doomed = await startWorker(SHORT_LEASE);
      await waitFor('all connections sending', () => held.length === PARALLEL_SENDS);
      await startWorker(SHORT_LEASE);

      expect(await doomed.end('SIGKILL')).toBe('SIGKILL');
      acceptAll();

      await waitFor('all sent', async () => (await inStatus('sent')) === 12, RECOVERY_MS);
      expect(copies()).toHaveLength(12);
      expect(smtp.mails.length - 12).toBeLessThanOrEqual(PARALLEL_SENDS);
      expect(smtp.mails.length).toBeGreaterThan(12);
      await waitFor(
        'no job left',
        async () => (await api.database.count('graphile_worker._private_jobs')) === 0,
      );
    },
    RECOVERY_MS + 30_000,
  );

  it('that is slow but alive keeps its jobs', async () => {
    const before = await inStatus('sent');
    await onboard(1);
    await startWorker();
    await waitFor('all connections sending', () => held.length === PARALLEL_SENDS);
    await startWorker();
    await api.database.rows(
      `update graphile_worker._private_jobs set locked_at = now() - interval '1 hour' where locked_at is not null`,
    );

    await eachWorkerBeats();
    await eachWorkerBeats();
    acceptAll();

    await waitFor('all sent', async () => (await inStatus('sent')) === before + 3);
    expect(copies()).toEqual([1, 1, 1]);
  });

  it('that is stopped finishes the sends it has begun, and nothing is sent twice', async () => {
    const before = await inStatus('sent');
    await onboard(2);
    await api.database.rows('delete from job_workers');
    const stopping = await startWorker();
    await waitFor('all connections sending', () => held.length === PARALLEL_SENDS);

    const ended = stopping.end('SIGTERM');
    await waitFor('no longer listening for jobs', () =>
      api.database.count(
        'pg_stat_activity',
        `datname = current_database() and query like 'UNLISTEN %' and state = 'idle'`,
      ),
    );
    acceptAll();

    expect(await ended).toBe(0);
    expect(smtp.mails.length).toBeGreaterThanOrEqual(PARALLEL_SENDS);
    expect(await api.database.count('job_workers')).toBe(0);
    await startWorker();
    await waitFor('all sent', async () => (await inStatus('sent')) === before + 6);
    expect(copies()).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
