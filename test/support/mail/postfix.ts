import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../free-port.js';
import { waitFor } from '../wait-for.js';

/** Postfix as Debian installs it; only root can start it. */
export const HAS_POSTFIX = existsSync('/usr/sbin/postfix') && process.getuid?.() === 0;

const SERVICES = [
  'cleanup   unix n - n - 0 cleanup',
  'qmgr      unix n - n 300 1 qmgr',
  'proxymap  unix - - n - - proxymap',
  'rewrite   unix - - n - - trivial-rewrite',
  'bounce    unix - - n - 0 bounce',
  'defer     unix - - n - 0 bounce',
  'trace     unix - - n - 0 bounce',
  'error     unix - - n - - error',
  'discard   unix - - n - - discard',
  'anvil     unix - - n - 1 anvil',
  'postlog   unix-dgram n - n - 1 postlogd',
];

/** A Postfix on a free port that accepts all mail, logs it and discards it. */
export class Postfix {
  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** @param settings lines of `main.cf` besides the required ones */
  static async start(settings: readonly string[] = []): Promise<Postfix> {
    const folder = mkdtempSync(join(tmpdir(), 'mingus-postfix-'));
    chmodSync(folder, 0o755);
    const postfix = new Postfix(await findFreePort(), folder);
    for (const name of ['spool', 'data', 'etc']) mkdirSync(join(folder, name), { mode: 0o755 });
    spawnSync('chown', ['postfix', join(folder, 'data')]);
    writeFileSync(
      join(folder, 'etc/master.cf'),
      `${[`127.0.0.1:${postfix.port} inet n - n - - smtpd`, ...SERVICES].join('\n')}\n`,
    );
    postfix.configure(settings);
    postfix.run('start');
    await waitFor('Postfix up', () => postfix.log.includes('daemon started'));
    return postfix;
  }

  /** Restarts Postfix with other settings: after a reload, open sessions would keep the old ones. */
  restart(settings: readonly string[] = []): void {
    this.run('stop');
    this.configure(settings);
    this.run('start');
  }

  stop(): void {
    this.run('stop');
    rmSync(this.folder, { recursive: true, force: true });
  }

  get log(): string {
    const file = join(this.folder, 'maillog');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  private configure(settings: readonly string[]): void {
    const lines = [
      'compatibility_level = 3.6',
      `queue_directory = ${this.folder}/spool`,
      `data_directory = ${this.folder}/data`,
      `maillog_file = ${this.folder}/maillog`,
      `maillog_file_prefixes = ${this.folder}`,
      'inet_interfaces = 127.0.0.1',
      'inet_protocols = ipv4',
      'mydestination =',
      'myhostname = postfix.example.com',
      'alias_maps =',
      'fast_flush_domains =',
      'default_transport = discard:',
      'smtpd_relay_restrictions = permit_mynetworks, reject',
      'smtputf8_enable = yes',
      ...settings,
    ];
    writeFileSync(join(this.folder, 'etc/main.cf'), `${lines.join('\n')}\n`);
  }

  private run(command: 'start' | 'stop'): void {
    const result = spawnSync('/usr/sbin/postfix', ['-c', join(this.folder, 'etc'), command], {
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(`postfix ${command}: ${result.stderr}${result.stdout}`);
  }
}
