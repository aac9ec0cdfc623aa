import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { waitFor } from '../wait-for.js';

/** Debian's programs that the documented set-up uses. */
export const POSTGRES = '/usr/lib/postgresql/15/bin';
export const NGINX = '/usr/sbin/nginx';

/** The documented commands, in order. */
export function readBlocks(): string {
  const text = readFileSync('docs/production.md', 'utf8');
  return [...text.matchAll(/```sh debian\n([\s\S]*?)```/g)].map(([, block]) => block).join('');
}

/** The values that an operator fills in by hand, and the ports and folders of this test. */
export function adapt(root: string, ports: object, http: unknown, tls: number): string {
  const filled = {
    STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
    STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
    STRIPE_LIVEMODE: 'false',
    SMTP_SERVER: '127.0.0.1',
    PUBLIC_URL: 'https://onboarding.example.com',
    APP_URL: 'https://app.example.com',
  };
  const settings = `${root}/etc/mingus-onboarding`;
  const replaced = Object.entries(ports).map(([from, to]) => `-e s/${from}/${to}/g`);
  return [
    ...Object.entries(filled).map(
      ([name, value]) => `sed -i "s|^${name}=.*|${name}='${value}'|" ${settings}/service.env`,
    ),
    `sed -i ${replaced.join(' ')} ${settings}/*.env`,
    `sed -i -e "s|=/etc/|=${root}/etc/|" -e "s|/opt/mingus|${root}/opt/mingus|" -e "s|/usr/bin/node|${process.execPath}|" -e "s|/var/lib|${root}/var/lib|" ${root}/usr/local/sbin/mingus`,
    `mkdir -p ${root}/etc/nginx/sites-available ${root}/etc/nginx/sites-enabled`,
    `sed -i -e "s|/etc/nginx|${root}/etc/nginx|g" ${replaced.join(' ')} -e "s/ 80;/ 127.0.0.1:${String(http)};/" -e "s/ 443 ssl/ 127.0.0.1:${tls} ssl/" -e "/\\[::\\]/d" ops/proxy/mingus-onboarding.conf`,
    // The test asks from this machine and must be a stranger.
    `sed -i "/^[:1]/d" ops/proxy/inside-networks.conf`,
    '',
  ].join('\n');
}

/** The built release as `npm prune` leaves it, but for the packages, which are linked. */
export function placeRelease(root: string): void {
  const release = `${root}/opt/mingus-onboarding/releases/1`;
  mkdirSync(release, { recursive: true });
  for (const name of ['dist', 'ops', 'package.json']) cpSync(name, join(release, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(release, 'node_modules'));
  for (const folder of ['etc/systemd/system', 'usr/local/sbin', 'var/lib'])
    mkdirSync(join(root, folder), { recursive: true });
  const include = `include ${root}/etc/nginx/sites-enabled/*;`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    const directive = name === 'client_body' ? 'client_body_temp_path' : `${name}_temp_path`;
    return `${directive} ${root}/nginx-${name};`;
  });
  writeFileSync(
    `${root}/nginx.conf`,
    `user root; pid ${root}/nginx.pid; error_log ${root}/nginx.log; events {} http { ${temporary.join(' ')} ${include} }`,
  );
}

/** Stand-ins for what would change this machine: packages, users, the service manager, the build. */
export function makeShims(root: string, postgresPort: number): void {
  mkdirSync(`${root}/bin`);
  const shims = {
    'apt-get': 'exit 0',
    useradd: 'exit 0',
    chown: 'exit 0',
    npm: 'exit 0',
    systemctl: 'exit 0',
    nginx: `exec ${NGINX} -c ${root}/nginx.conf "$@"`,
    psql: `exec ${POSTGRES}/psql -h 127.0.0.1 -p ${postgresPort} -U postgres "$@"`,
    runuser: 'shift 3; exec "$@"',
  };
  for (const [name, body] of Object.entries(shims)) {
    writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
}

export async function startPostgres(root: string, port: number): Promise<ChildProcess> {
  const [, , uid, gid] = (/^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0] ?? '')
    .split(':')
    .map(Number);
  const data = `${root}/postgres`;
  mkdirSync(data);
  chownSync(data, uid as number, gid as number);
  const identity = { uid, gid, cwd: '/' };
  execFileSync(
    `${POSTGRES}/initdb`,
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    identity,
  );
  const flags = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=`,
  ];
  const server = spawn(`${POSTGRES}/postgres`, flags, { ...identity, stdio: 'ignore' });
  await waitFor('PostgreSQL listens', () => canConnect(port));
  return server;
}

/** Starts the command of the systemd unit, with its variables and folder. */
export function startUnit(root: string, instance: string): ChildProcess {
  const unit = readFileSync(`${root}/etc/systemd/system/mingus-onboarding@.service`, 'utf8');
  const valuesOf = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value as string);
  const inline = valuesOf('Environment')
    .flatMap((line) => line.split(' '))
    .join('\n');
  const files = valuesOf('EnvironmentFile').map((path) =>
    readFileSync(`${root}${path.replace('%i', instance)}`, 'utf8'),
  );
  const { AUDIT_HEADS_FILE: _, ...env } = parseEnv([inline, ...files].join('\n')) as Record<string, string>;
  const [, ...args] = (valuesOf('ExecStart')[0] as string).split(' ');
  return spawn(process.execPath, args, {
    cwd: `${root}/opt/mingus-onboarding/current`,
    env,
    stdio: 'ignore',
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), done(true)));
    socket.once('error', () => done(false));
  });
}
