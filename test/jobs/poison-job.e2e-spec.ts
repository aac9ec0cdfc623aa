import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const MAX_ATTEMPTS = 3;
const POISON = 'poison@example.com';

/** A module that Node loads before the service: the process ends when it writes to this recipient. */
const DIES_OF_POISON = `--import=data:text/javascript,${encodeURIComponent(`
  import { Socket } from 'node:net';
  const { write } = Socket.prototype;
  Socket.prototype.write = function (chunk, ...rest) {
    if (String(chunk).includes('RCPT TO:<${POISON}')) process.abort();
    return write.call(this, chunk, ...rest);
  };`)}`;

describe('a job that ends the process it runs in', () => {
  /** Receives events, and runs no jobs. */
  let api: TestApp;
  let worker: ServiceProcess;
  let crashes = 0;
  let supervising: Promise<void>;
  const over = new AbortController();

  beforeAll(async () => {
    api = await TestApp.start();
  });
  afterAll(async () => {
    over.abort();
    await worker.end();
    await supervising;
    await api.stop();
  });

  /** Restarts the worker whenever it ends, as a supervisor does. */
  async function supervise(): Promise<void> {
    while (!over.signal.aborted) {
      await api.database.rows(`update graphile_worker._private_jobs set max_attempts = ${MAX_ATTEMPTS}`);
      const started = await ServiceProcess.spawn(
        productionEnvironment(api.database.url, api.smtp.port, {
          PROCESS_ROLES: 'worker',
          WORKER_LEASE_SECONDS: '5',
          NODE_OPTIONS: DIES_OF_POISON,
        }),
      );
      worker = started;
      await new Promise((resolve) => {
        started.child.once('exit', resolve);
      });
      crashes += 1;
    }
  }

  async function aCustomerAt(email: string): Promise<ReturnType<typeof anEvent>> {
    const { metadata } = await api.createUser();
    return anEvent(aCustomer({ email, metadata }));
  }

  async function leaveOneMessageTo(email: string): Promise<void> {
    await api.database.rows(
      `update notifications set status = 'cancelled'
       where kind <> 'welcome' and customer_id = (select id from customers where email = $1)`,
      [email],
    );
  }

  const unsent = (email: string) =>
    api.database.count(
      'notifications n join customers c on c.id = n.customer_id',
      `n.status <> 'sent' and c.email ${email}`,
    );

  it('is given up after its last attempt and shown with the reason; other jobs are not affected', async () => {
    const emails = ['a@example.com', 'b@example.com', POISON, 'c@example.com', 'd@example.com'];
    const events = await Promise.all(emails.map(aCustomerAt));
    await Promise.all(events.map((event) => api.deliver(event)));
    await leaveOneMessageTo(POISON);
    supervising = supervise();

    await waitFor('all others sent', async () => (await unsent(`<> '${POISON}'`)) === 0, 180_000);
    await waitFor(
      'given up',
      async () => {
        const jobs = await queuedJobs(api.database, 'deliver-notification');
        return jobs.length > 0 && jobs.every(({ attempts, maxAttempts }) => attempts === maxAttempts);
      },
      120_000,
    );

    const { body } = await waitFor('shown', async () => {
      const answer = await api.admin('dead-jobs');
      return answer.body.length > 0 ? answer : null;
    });
    expect(body).toMatchObject([
      { task: 'deliver-notification', attempts: MAX_ATTEMPTS, lastError: 'Its worker died' },
    ]);
    const survived = crashes;
    await api.deliver(await aCustomerAt('late@example.com'));
    await waitFor('later ones sent', async () => (await unsent(`= 'late@example.com'`)) === 0);
    expect(crashes, 'later crashes').toBe(survived);
  }, 340_000);
});
