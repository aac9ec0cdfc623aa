import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EmbeddedPostgres } from '../../src/platform/development/embedded-postgres.js';
import { runCommand } from '../support/process/command-line.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Roles belong to a server, so these tests use one without the tests' template. */
describe('a migration by an owner who may not create roles', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mingus-role-'));
    server = await EmbeddedPostgres.start(folder, { fsync: 'off' });
    await server.query(`create role onboarding_owner login nocreaterole password 'x'`);
    await server.query('create database onboarding owner onboarding_owner');
    url = `postgres://onboarding_owner:x@127.0.0.1:${server.port}/onboarding`;
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('succeeds, and reports each time that the role is missing and what to do', async () => {
    for (const output of [/^Migrated: SealAudit/m, /^The schema is up to date/]) {
      const { exitCode, stdout, stderr } = await runCommand(['migrate'], { DATABASE_URL: url });

      expect(exitCode).toBe(0);
      expect(stdout).toMatch(output);
      expect(stderr).toMatch(
        /^Warning: The role mingus_onboarding_app does not exist, and onboarding_owner may not/,
      );
      expect(stderr).toContain('create role mingus_onboarding_app nologin');
    }
  });

  it('is in the log of a process that migrates at its start', async () => {
    const env = productionEnvironment(url, 1, { MIGRATIONS: 'run', LOG_LEVEL: 'info', PROCESS_ROLES: 'api' });
    const service = await ServiceProcess.start(env);
    await service.end();

    expect(service.output).toMatch(
      /"reason":"The role mingus_onboarding_app does not exist.*database role missing/,
    );
  });

  it('grants the rights once the administrator has made the role', async () => {
    await server.query('create role mingus_onboarding_app nologin');

    const { stdout, stderr } = await runCommand(['migrate'], { DATABASE_URL: url });

    expect([stdout, stderr]).toEqual(['The schema is up to date\n', '']);
    await server.query(`create role service login password 'x' in role mingus_onboarding_app`);
    const keys = await runCommand(
      ['keys', 'list'],
      productionEnvironment(url.replace('onboarding_owner', 'service'), 1),
    );
    expect([keys.exitCode, keys.stderr]).toEqual([0, '']);
  });

  it('reverts the newest migration with --revert, and names it', async () => {
    const { stdout, exitCode } = await runCommand(['migrate', '--revert'], { DATABASE_URL: url });
    const again = await runCommand(['migrate'], { DATABASE_URL: url });

    expect(exitCode).toBe(0);
    const [, undone] = /^Undone: (\w+)\n$/.exec(stdout) ?? [];
    expect(again.stdout).toBe(`Migrated: ${undone}\nThe schema is up to date\n`);
  });
});
