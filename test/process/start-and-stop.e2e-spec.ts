import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { MIGRATIONS } from '../../src/platform/database/migrations.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';

vi.setConfig({ testTimeout: 120_000 });

const newest = MIGRATIONS.at(-1)?.name;

describe('the log of a process in production, at info', () => {
  const around = useSurroundings('template1');

  /** Starts and stops a process. @returns its log lines */
  async function runOnce(env: Record<string, string>): Promise<Record<string, unknown>[]> {
    const commit = { BUILD_COMMIT: '7c972eb', LOG_LEVEL: 'info' };
    const service = await ServiceProcess.start(
      productionEnvironment(around.database.url, around.smtp.port, { ...commit, ...env }),
    );
    expect(await service.end()).toBe(0);
    return service.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('names version, commit and schema at the start, the migrations, and why and how it stopped', async () => {
    const lines = await runOnce({ MIGRATIONS: 'run' });

    const about = { level: 30, version: '0.1.0', commit: '7c972eb', node: process.versions.node };
    const named = (msg: string) => lines.filter((line) => line.msg === msg);
    expect(named('service starting')).toMatchObject([
      { ...about, production: true, roles: ['api', 'worker'] },
    ]);
    expect(named('schema migrated')).toMatchObject([{ migrations: MIGRATIONS.map(({ name }) => name) }]);
    expect(named('service started')).toMatchObject([
      { ...about, schema: newest, port: expect.any(Number), durationMs: expect.any(Number) },
    ]);
    expect(named('service stopping')).toMatchObject([{ level: 30, reason: 'SIGTERM' }]);
    expect(lines.at(-1)).toMatchObject({ msg: 'service stopped', reason: 'SIGTERM', exitCode: 0 });
  });

  it('does not mention migrations when none had to run', async () => {
    const lines = await runOnce({ PROCESS_ROLES: 'api' });

    expect(lines.map(({ msg }) => msg)).not.toContain('schema migrated');
    expect(lines.find(({ msg }) => msg === 'service started')).toMatchObject({
      schema: newest,
      roles: ['api'],
    });
  });
});

describe('the command line of a process', () => {
  const run = (file: string, ...args: string[]) =>
    spawnSync(process.execPath, [file, ...args], { env: { PATH: process.env.PATH }, encoding: 'utf8' });

  it.each(['dist/main.js', 'dist/cli/main.js', 'dist/read-mailbox.js'])('%s --help helps', (file) => {
    const { status, stdout, stderr } = run(file, '--help');

    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: /);
  });

  it.each([
    ['dist/main.js', ['start']],
    ['dist/main.js', ['--port', '80']],
    ['dist/cli/main.js', ['start']],
    ['dist/cli/main.js', ['migrate', '--force']],
    ['dist/read-mailbox.js', []],
  ])('%s %j is refused with the usage and exit code 2', (file, args) => {
    const { status, stdout, stderr } = run(file, ...args);

    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: ');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('dist/read-mailbox.js without DATABASE_URL says so in one line', () => {
    const { status, stdout, stderr } = run('dist/read-mailbox.js', 'package.json');

    expect([status, stdout, stderr]).toEqual([1, '', 'DATABASE_URL is not set\n']);
  });
});
