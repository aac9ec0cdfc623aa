import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { secretsFileOf } from '../../src/platform/development/development-services.js';
import { EmbeddedPostgres } from '../../src/platform/development/embedded-postgres.js';
import { isFree } from '../../src/platform/development/free-port.js';
import { findFreePort } from '../support/free-port.js';
import { aUser } from '../support/builders.js';
import { ServiceProcess } from '../support/process/service-process.js';
import { request } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const STACK = /\n\s+at |node_modules|\.js:\d/;

/** Each test starts whole services with their databases. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe('a service that brings its own database and mailbox', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mingus-boot-'));
  const pidFile = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  let service: ServiceProcess | undefined;

  /** Nothing is configured except free ports and folders. */
  async function environment(): Promise<Record<string, string>> {
    return {
      DATA_DIR: dataDir,
      MAILBOX_SMTP_PORT: String(await findFreePort()),
      MAILBOX_WEB_PORT: String(await findFreePort()),
      LOG_LEVEL: 'warn',
    };
  }

  /** Starts the service again. */
  async function start(): Promise<ServiceProcess> {
    await service?.end();
    service = await ServiceProcess.start(await environment());
    return service;
  }

  /** The service that the test before has left running, or a new one. */
  async function running(): Promise<ServiceProcess> {
    return service?.isRunning ? service : start();
  }

  /** The port of the embedded server, from its pid file (pid, folder, start, port, …). */
  const postgresPort = () => Number(readFileSync(pidFile, 'utf8').split('\n')[3]);

  function admin({ url }: ServiceProcess, path: string, body?: object) {
    const { ADMIN_API_KEY } = JSON.parse(readFileSync(secretsFileOf(dataDir), 'utf8'));
    return request(`${url}/admin/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${ADMIN_API_KEY}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  }

  beforeAll(async () => {
    const first = await start();
    await first.end();
  });
  afterAll(async () => {
    await service?.end();
    // Stops what a failed test left running.
    await EmbeddedPostgres.start(dataDir).then((postgres) => postgres.stop());
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('prints the secrets it generates at the first start and never again', async () => {
    const first = service?.output ?? '';
    const secrets: Record<string, string> = JSON.parse(readFileSync(secretsFileOf(dataDir), 'utf8'));

    const { output } = await start();

    await waitFor('ready', () => service?.output.includes('Ready'));
    for (const [name, value] of Object.entries(secrets)) {
      expect(first).toContain(`${name}=${value}`);
      expect(output).not.toContain(value);
    }
    expect(service?.output).toContain(secretsFileOf(dataDir));
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with everything it started on %s', async (signal) => {
    const stopped = await running();
    const port = postgresPort();

    expect(await stopped.end(signal)).toBe(0);

    expect(existsSync(pidFile)).toBe(false);
    expect(await isFree(port)).toBe(true);
    expect(existsSync(join(dataDir, 'service.pid'))).toBe(false);
  });

  it('leaves no database behind when it is stopped while it starts', async () => {
    await service?.end();
    service = await ServiceProcess.spawn(await environment());
    await service.waitUntil('database starting', () => existsSync(pidFile));

    expect(await service.end('SIGTERM')).toBe(0);

    expect(existsSync(pidFile)).toBe(false);
  });

  it('locks its data directory: a second start reports the directory and the process that uses it', async () => {
    const first = await start();

    const second = await ServiceProcess.spawn(await environment());

    expect(await second.ended()).toBe(1);
    expect(second.output).toContain(`DATA_DIR ${dataDir} is in use by the process ${first.child.pid}`);
    expect(second.output).not.toMatch(STACK);
    expect((await request(`${first.url}/health/live`, {})).status).toBe(200);
  });

  it('takes over the database of a service that was killed, and nothing is lost', async () => {
    const user = aUser();
    const killed = await running();
    expect((await admin(killed, 'users', user)).status).toBe(201);
    const orphanPort = postgresPort();
    expect(await killed.end('SIGKILL')).toBe('SIGKILL');
    expect(await isFree(orphanPort)).toBe(false);

    const next = await start();

    expect(postgresPort()).not.toBe(orphanPort);
    expect(await isFree(orphanPort)).toBe(true);
    expect((await admin(next, `users/${user.id}`)).body).toMatchObject({ id: user.id, email: user.email });
  });

  it.each(['PORT', 'MAILBOX_SMTP_PORT', 'MAILBOX_WEB_PORT'])(
    'names %s when that port is taken, and stops the services it had started',
    async (variable) => {
      await service?.end();
      const port = await findFreePort();
      const occupant = createServer().listen(port, '127.0.0.1');

      service = await ServiceProcess.spawn({ ...(await environment()), [variable]: String(port) });

      expect(await service.ended()).toBe(1);
      expect(service.output).toContain(`Port ${port} is taken: set ${variable} to a free one\n`);
      expect(service.output).not.toMatch(STACK);
      expect(existsSync(pidFile)).toBe(false);
      occupant.close();
    },
  );

  it('starts with a stale pid file whose process id belongs to another process now', async () => {
    await service?.end();
    writeFileSync(pidFile, `${process.pid}\n${join(dataDir, 'postgres', 'data')}\n`);

    const started = await start();

    expect(Number(readFileSync(pidFile, 'utf8').split('\n')[0])).not.toBe(process.pid);
    expect(await started.end()).toBe(0);
  });

  it('does not touch another PostgreSQL whose process id is in a stale pid file', async () => {
    const foreignDir = mkdtempSync(join(tmpdir(), 'mingus-foreign-'));
    const foreign = await EmbeddedPostgres.start(foreignDir);
    writeFileSync(pidFile, `${foreign.pid}\n${join(dataDir, 'postgres', 'data')}\n`);

    await start();

    expect((await foreign.query('select 1 as alive')).rows).toEqual([{ alive: 1 }]);
    await foreign.stop();
    rmSync(foreignDir, { recursive: true, force: true });
  });
});
