import { resolve as resolvePath } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { ADMIN_KEY, deliver, request } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

/** A module that Node loads before the service, and that runs code at SIGUSR2. */
const atSignal = (doing: string) =>
  `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${doing} })`)}`;

/** Ends the job engine at SIGUSR2, without the service's code. */
const ENGINE_ENDS_AT_SIGNAL = `--import=data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module';
  const runner = createRequire('${resolvePath('dist/main.js')}')('graphile-worker/dist/runner.js');
  const { run } = runner;
  runner.run = async (options) => {
    const engine = await run(options);
    process.on('SIGUSR2', () => engine.stop());
    return engine;
  };`)}`;

vi.setConfig({ testTimeout: 90_000 });

describe('a process', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  /** Messages that the mail server has received but not answered. */
  let held: (() => void)[];
  let isHolding: boolean;

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start({
      onMessage: () =>
        new Promise((resolve) => {
          if (isHolding) held.push(() => resolve(null));
          else resolve(null);
        }),
    });
  });
  beforeEach(() => {
    [held, isHolding] = [[], true];
  });
  afterAll(async () => {
    await smtp.stop();
    await database.drop();
  });

  async function start(env: Record<string, string>): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(
      productionEnvironment(database.url, smtp.port, { SMTP_MAX_CONNECTIONS: '1', ...env }),
    );
    onTestFinished(() => void service.child.kill('SIGKILL'));
    return service;
  }

  async function onboard({ url }: ServiceProcess): Promise<void> {
    const user = aUser();
    await request(`${url}/admin/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(user),
    });
    const { status, body } = await deliver(
      url,
      anEvent(aCustomer({ metadata: { mingus_user_id: user.id } })),
    );
    expect([status, body.success]).toEqual([200, true]);
  }

  const sentCount = () => database.count('notifications', `status = 'sent'`);
  const readiness = ({ url }: ServiceProcess) => request(`${url}/health/ready`, {});

  it.each([
    ['unhandledRejection', `Promise.reject(new Error('canary'))`],
    ['uncaughtException', `throw new Error('canary')`],
  ])('with an uncaught fault (%s) logs it, finishes its work, and ends with 1', async (fault, code) => {
    const service = await start({ LOG_LEVEL: 'fatal', NODE_OPTIONS: atSignal(code) });
    const before = await sentCount();
    await onboard(service);
    await waitFor('sending', () => held.length === 1);

    service.child.kill('SIGUSR2');
    await waitFor('no longer ready', async () => (await readiness(service)).body.status === 'shutting_down');
    isHolding = false;
    held[0]?.();

    expect(await service.ended()).toBe(1);
    expect(service.output).toContain(`"msg":"${fault}"`);
    expect(await sentCount()).toBeGreaterThan(before);
    await database.rows('delete from graphile_worker._private_jobs');
  });

  it('whose job engine ends logs it and ends with 1, because it would look alive and do nothing', async () => {
    const service = await start({ LOG_LEVEL: 'fatal', NODE_OPTIONS: ENGINE_ENDS_AT_SIGNAL });
    await waitFor('working', async () => (await readiness(service)).status === 200);

    service.child.kill('SIGUSR2');

    expect(await service.ended()).toBe(1);
    expect(service.output).toContain('The job engine ended by itself');
  });

  it('that gets a second stop signal ends at once', async () => {
    const service = await start({});
    await onboard(service);
    await waitFor('sending', () => held.length === 1);

    service.child.kill('SIGTERM');
    await waitFor('stopping', async () => (await readiness(service)).body.status === 'shutting_down');

    expect(await service.end('SIGTERM')).toBe(1);
    await database.rows('delete from graphile_worker._private_jobs');
  });

  it('whose log is closed keeps serving, and stops in order', async () => {
    const service = await start({ LOG_LEVEL: 'debug', PROCESS_ROLES: 'api' });
    service.child.stdout?.destroy();

    for (let i = 0; i < 20; i += 1) await onboard(service);

    expect((await readiness(service)).status).toBe(200);
    expect(await service.end()).toBe(0);
  });
});
