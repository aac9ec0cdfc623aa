import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestDatabase } from '../support/database/test-database.js';
import { runCommand } from '../support/process/command-line.js';
import { productionEnvironment } from '../support/process/test-environment.js';

vi.setConfig({ testTimeout: 120_000 });

const STACK = /\n\s+at |node_modules|\.js:\d/;

/** All commands of a production install that connect to the database. */
const COMMANDS: [name: string, args: string[]][] = [
  ['the service', ['dist/main.js']],
  ['the service that migrates', ['dist/main.js']],
  ['migrate, as a process', ['dist/cli/main.js', 'migrate']],
  ['migrate', ['migrate']],
  ['migrate --revert', ['migrate', '--revert']],
  ['keys', ['keys', 'list']],
  ['audit', ['audit', 'verify']],
  ['backfill', ['backfill', '--since', '2026-01-01']],
  ['hold-messages', ['hold-messages']],
  ['doctor', ['doctor']],
  ['read-mailbox', ['dist/read-mailbox.js', 'mails']],
];

describe('a database that refuses logins', () => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await TestDatabase.create();
    folder = mkdtempSync(join(tmpdir(), 'mingus-login-'));
    writeFileSync(join(folder, 'mails'), '');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  /** Runs a file of `dist/` as a process, and a command of the CLI in this process. */
  async function run(name: string, args: string[], change: (url: URL) => void) {
    const url = new URL(database.url);
    change(url);
    const migrations = { MIGRATIONS: name.endsWith('migrates') ? 'run' : 'check' };
    const environment = productionEnvironment(url.href, 1, migrations);
    const [file = '', ...rest] = args;
    if (!file.startsWith('dist/')) return runCommand(args, environment);
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(file), ...rest], {
      env: { PATH: process.env.PATH, ...environment },
      cwd: folder,
      encoding: 'utf8',
    });
    return { exitCode: status, stdout, stderr };
  }

  it.each(COMMANDS)('%s says that the password is wrong, without a stack trace', async (name, command) => {
    const { exitCode, stdout, stderr } = await run(name, command, (url) => {
      url.password = 'canary-password';
    });

    expect(exitCode).toBe(1);
    expect(stdout + stderr).toMatch(/refuses the login.*\(28P01\)/);
    expect(stdout + stderr).toMatch(/password in DATABASE_URL/);
    expect(stdout + stderr).not.toMatch(STACK);
    expect(stdout + stderr).not.toContain('canary');
  });

  it.each(COMMANDS.filter(([name]) => ['the service', 'migrate', 'keys', 'doctor'].includes(name)))(
    '%s says that the database does not exist, without a stack trace',
    async (name, command) => {
      const { exitCode, stdout, stderr } = await run(name, command, (url) => {
        url.pathname = '/nowhere';
      });

      expect(exitCode).toBe(1);
      expect(stdout + stderr).toMatch(/does not exist.*\(3D000\)/);
      expect(stdout + stderr).not.toMatch(STACK);
    },
  );
});
