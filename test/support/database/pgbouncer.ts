import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../free-port.js';
import { waitFor } from '../wait-for.js';

/** The path of Debian's package. */
const PGBOUNCER = '/usr/sbin/pgbouncer';

export const HAS_PGBOUNCER = existsSync(PGBOUNCER);

/** A real PgBouncer in front of one database, set up as in the runbook. */
export class PgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  static async start(databaseUrl: string, poolMode: 'session' | 'transaction'): Promise<PgBouncer> {
    const { hostname, port, username, password, pathname } = new URL(databaseUrl);
    const listenOn = await findFreePort();
    const folder = mkdtempSync(join(tmpdir(), 'mingus-pgbouncer-'));
    const file = join(folder, 'pgbouncer.ini');
    const server = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`;
    writeFileSync(
      file,
      `[databases]
* = ${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenOn}
unix_socket_dir =
auth_type = any
pool_mode = ${poolMode}
default_pool_size = 20
ignore_startup_parameters = lock_timeout,statement_timeout,idle_in_transaction_session_timeout,options
`,
    );
    chmodSync(folder, 0o755);
    // PgBouncer refuses to run as root.
    const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn(PGBOUNCER, [...asUser, file], { stdio: 'ignore' });
    await waitFor('PgBouncer listens', () => answers(listenOn));
    return new PgBouncer(child, folder, `postgres://${username}@127.0.0.1:${listenOn}${pathname}`);
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
