import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.js';
import {
  adapt,
  makeShims,
  NGINX,
  placeRelease,
  POSTGRES,
  readBlocks,
  startPostgres,
  startUnit,
} from '../support/process/debian-machine.js';
import { waitFor } from '../support/wait-for.js';

const isRoot = process.getuid?.() === 0;
const MISSING = [
  ...(isRoot ? [] : ['root']),
  ...[`${POSTGRES}/initdb`, NGINX, '/usr/bin/systemd-analyze'].filter((path) => !existsSync(path)),
];

/** Folders that the documented commands write to. The test places them below its own folder. */
const FOLDERS =
  /(?<![\w.])\/(etc\/(mingus-onboarding|nginx|systemd)|opt\/mingus-onboarding|usr\/local\/sbin|var\/lib|var\/www)/g;

/** Spellings of closed paths that nginx or the service may treat as those paths. */
const CLOSED = ['admin', 'docs', 'metrics', 'health/ready'].flatMap((path) => [
  `/${path}`,
  `/${path}/`,
  `/${path}/x`,
  `//${path}`,
  `/./${path}`,
  `/x/../${path}`,
  `/x/%2e%2e/${path}`,
  `/${path.toUpperCase()}`,
  `/%${path.charCodeAt(0).toString(16)}${path.slice(1)}`,
  `/${path};x=1`,
  `/${path}%3Fx`,
  `/${path}?x=1`,
  `/${path}-yaml`,
  `/${path}-json`,
]);

describe.skipIf(MISSING.length > 0)(
  `the set-up of docs/production.md on Debian 12${MISSING.length > 0 ? ` (missing: ${MISSING.join(', ')})` : ''}`,
  { timeout: 300_000 },
  () => {
    let root: string;
    const processes: ChildProcess[] = [];
    let https: number;
    let setUp: string;

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'mingus-debian-'));
      chmodSync(root, 0o755);
      const [postgresPort, httpsPort, httpPort, api1, api2, worker1, worker2] = await Promise.all(
        Array.from({ length: 7 }, () => findFreePort()),
      );
      https = httpsPort as number;
      makeShims(root, postgresPort as number);
      processes.push(await startPostgres(root, postgresPort as number));
      const ports = { 3001: api1, 3002: api2, 3011: worker1, 3012: worker2, 5432: postgresPort };
      const script = readBlocks()
        .replaceAll('cp -r . /opt/mingus-onboarding/releases/1\n', '')
        .replaceAll(FOLDERS, `${root}$&`)
        .replace('mingus doctor\n', 'mingus doctor || true\n')
        .replace('mingus migrate\n', `${adapt(root, ports, httpPort, https)}$&`);
      writeFileSync(join(root, 'set-up.sh'), `set -eu\n${script}`);
      placeRelease(root);
      const result = spawnSync('bash', [join(root, 'set-up.sh')], {
        cwd: resolve('.'),
        env: { PATH: `${root}/bin:${root}/usr/local/sbin:${process.env.PATH}`, HOME: root },
        encoding: 'utf8',
        timeout: 240_000,
      });
      setUp = `${result.stdout}\n${result.stderr}`;
      expect(result.status, setUp).toBe(0);
      for (const name of ['api-1', 'api-2', 'worker-1']) processes.push(startUnit(root, name));
      processes.push(spawn(NGINX, ['-c', `${root}/nginx.conf`, '-g', 'daemon off;'], { stdio: 'ignore' }));
      await waitFor(
        'nginx passes requests on',
        async () => (await ask(https, '/health/live')) === 200,
        60_000,
      );
    }, 300_000);

    afterAll(async () => {
      for (const child of processes.toReversed()) {
        const ended = child.exitCode === null ? new Promise((done) => child.once('close', done)) : null;
        child.kill(child === processes[0] ? 'SIGINT' : 'SIGTERM');
        await ended;
      }
      rmSync(root, { recursive: true, force: true });
    });

    it('migrates, examines itself, and makes a first key', () => {
      expect(setUp).toContain('The schema is up to date');
      expect(setUp).toMatch(/First operator/);
      // The mail server and Stripe are missing; everything else works.
      expect(
        setUp.match(/^(problem|warning) .*$/gm)?.filter((line) => !/smtp|stripe|mail/i.test(line)) ?? [],
      ).toEqual([]);
    });

    it.each(CLOSED)('closes %s to other networks', async (path) => {
      expect(await ask(https, path)).toBe(404);
    });

    it('opens closed paths to the allowed networks', async () => {
      const file = `${root}/etc/nginx/mingus-onboarding/inside-networks.conf`;
      writeFileSync(file, `${readFileSync(file, 'utf8')}127.0.0.0/8 1;\n`);
      processes.at(-1)?.kill('SIGHUP');

      await waitFor('the docs are open', async () => (await ask(https, '/docs-yaml')) === 200);
      expect(await ask(https, '/admin/alerts')).toBe(401);
    });

    it('sends HSTS once', async () => {
      const reply = await rawReply(https, '/health/live');

      expect(reply.match(/^strict-transport-security:/gim)).toHaveLength(1);
    });

    it('has units that systemd 252 accepts without a warning', () => {
      const unit = `${root}/etc/systemd/system/mingus-onboarding@.service`;
      const text = readFileSync(unit, 'utf8').replaceAll('/usr/bin/node', process.execPath);
      const instance = `${root}/mingus-onboarding@api-2.service`;
      writeFileSync(instance, text);
      const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', instance], {
        encoding: 'utf8',
      });

      expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('mingus-onboarding'))).toEqual(
        [],
      );
      expect(status).toBe(0);
    });
  },
);

describe('files of variables', () => {
  it.each([
    '.env.example',
    'ops/service.env.example',
    'ops/migrate.env.example',
    'ops/postgres/postgres.env.example',
    ...readdirSync('ops/systemd')
      .filter((name) => name.endsWith('.env.example'))
      .map((name) => `ops/systemd/${name}`),
  ])('mean the same to a shell as to Node: %s', (file) => {
    const expected = parseEnv(readFileSync(file, 'utf8')) as Record<string, string>;
    const script = 'set -eu; set -a; . "$1"; set +a; env -0';
    const out = execFileSync('env', ['-i', 'PATH=/usr/bin:/bin', 'sh', '-c', script, 'sh', resolve(file)], {
      encoding: 'utf8',
    });
    const sourced = Object.fromEntries(
      out.split('\0').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
    );

    expect(sourced).toMatchObject(expected);
  });
});

describe('the documents of production', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');

  it('have no SQL in the runbook', () => {
    expect(runbook).not.toMatch(/\b(select .* from|update \w+ set|delete from|insert into)\b/i);
  });

  it('name no command that needs development dependencies', () => {
    for (const text of [runbook]) expect(text).not.toMatch(/npm run|npx |tsx /);
  });

  it('name services that compose.yaml has', () => {
    const compose = readFileSync('compose.yaml', 'utf8');
    const production = readFileSync('docs/production.md', 'utf8');
    const named = [...production.matchAll(/docker compose (?:run --rm|exec|up .*--wait) ([a-z][\w-]*)/g)].map(
      ([, name]) => name,
    );

    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(compose).toMatch(new RegExp(`^  ${name}:`, 'm'));
  });
});

/** The status of a path, sent exactly as it is spelled. */
async function ask(port: number, path: string): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await rawReply(port, path))?.[1] ?? 0);
}

function rawReply(port: number, path: string): Promise<string> {
  return new Promise((done) => {
    let reply = '';
    const socket = connectTls(
      { port, host: '127.0.0.1', servername: 'onboarding.example.com', rejectUnauthorized: false },
      () => socket.write(`GET ${path} HTTP/1.1\r\nHost: onboarding.example.com\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk: Buffer) => (reply += chunk.toString()));
    socket.once('close', () => done(reply));
    socket.once('error', () => done(reply));
  });
}
