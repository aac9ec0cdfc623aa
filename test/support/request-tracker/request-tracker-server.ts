import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../free-port.js';
import { waitFor } from '../wait-for.js';

const SHARE = '/usr/share/request-tracker5';
const SERVER = `${SHARE}/libexec/rt-server`;
const SETUP = '/usr/sbin/rt-setup-database-5';

/** Request Tracker 5 as Debian installs it, with SQLite: `request-tracker5 rt5-standalone rt5-db-sqlite dbconfig-no-thanks`. */
export const HAS_REQUEST_TRACKER = [SERVER, SETUP, '/usr/share/doc/rt5-db-sqlite'].every((file) =>
  existsSync(file),
);

/** Makes a token of root, and the custom fields. */
const PREPARE = `
use strict; use warnings; use lib '${SHARE}/lib'; use RT -init;
my $root = RT::User->new(RT->SystemUser); $root->Load('root');
for (['MINGUS customer', 'RT::User', 'RT::User'], ['MINGUS reference', 'RT::Queue-RT::Ticket', 'RT::Queue']) {
  my ($name, $lookup, $class) = @$_;
  my $field = RT::CustomField->new(RT->SystemUser);
  $field->Create(Name => $name, Type => 'FreeformSingle', LookupType => $lookup);
  $field->AddToObject($class->new(RT->SystemUser));
}
my (undef, undef, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $root->id, Description => 'tests');
print "token=$token\\n";`;

/** A Request Tracker with a database of its own, which runs as an unprivileged process and sends no mail. */
export class RequestTrackerServer {
  private process?: ChildProcess;
  token = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(): Promise<RequestTrackerServer> {
    const server = new RequestTrackerServer(await findFreePort(), mkdtempSync(join(tmpdir(), 'mingus-rt-')));
    server.configure();
    server.run(SETUP, '--action', 'init');
    server.token = /token=(\S+)/.exec(server.run('perl', '-e', PREPARE))?.[1] ?? '';
    const args = ['--server', 'HTTP::Server::PSGI', '--host', '127.0.0.1', '--port', String(server.port)];
    server.process = spawn(SERVER, args, { ...server.options, stdio: 'ignore' });
    await waitFor('Request Tracker up', async () => {
      const answer = await server.get('/rt').catch(() => null);
      return answer !== null;
    });
    return server;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process?.once('exit', resolve));
    this.process?.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The answer of its own API. */
  async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/REST/2.0${path}`, {
      headers: { authorization: `token ${this.token}` },
    });
    return response.json();
  }

  private configure(): void {
    chmodSync(this.folder, 0o777);
    for (const name of ['mason', 'sessions', 'etc']) {
      mkdirSync(join(this.folder, name));
      chmodSync(join(this.folder, name), 0o777);
    }
    const settings = {
      rtname: 'example.com',
      Organization: 'example.com',
      WebDomain: '127.0.0.1',
      WebPort: this.port,
      WebPath: '',
      DatabaseType: 'SQLite',
      DatabaseName: join(this.folder, 'rt.db'),
      MasonDataDir: join(this.folder, 'mason'),
      MasonSessionDir: join(this.folder, 'sessions'),
      MailCommand: 'testfile',
      LogToSyslog: '',
      LogToSTDERR: 'error',
    };
    const lines = Object.entries(settings).map(([name, value]) => `Set($${name}, '${value}');`);
    writeFileSync(join(this.folder, 'RT_SiteConfig.pm'), [...lines, '1;'].join('\n'));
  }

  private get options() {
    const isRoot = process.getuid?.() === 0;
    const env = {
      ...process.env,
      HOME: this.folder,
      TMPDIR: this.folder,
      RT_SITE_CONFIG: join(this.folder, 'RT_SiteConfig.pm'),
      RT_SITE_CONFIG_DIR: join(this.folder, 'etc'),
    };
    return { cwd: this.folder, env, ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}) };
  }

  private run(command: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, { ...this.options, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
    return stdout;
  }
}
