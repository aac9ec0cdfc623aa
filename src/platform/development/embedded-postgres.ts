import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type pg from 'pg';
import { SessionClient } from '../database/session/session-client.js';
import { findFreePort } from './free-port.js';
import { giveTo, placePostgres, type PostgresPlace } from './postgres-place.js';

const STOP_TIMEOUT_MS = 10_000;
const OUTPUT_KEPT = 20_000;
const USER = 'postgres';

/** A real PostgreSQL server from npm, run for development and tests as a child of this process. */
export class EmbeddedPostgres {
  private constructor(
    private readonly server: ChildProcess,
    readonly port: number,
    private readonly password: string,
  ) {}

  /**
   * Starts the server of `dataDir` on a free port, creating its data on first use. A server left by a killed
   * process is stopped first, also if its pid file is stale.
   * @param settings PostgreSQL settings for the command line, e.g. `{ fsync: 'off' }`
   * @param port to listen on; by default any free one
   */
  static async start(
    dataDir: string,
    settings: Record<string, string> = {},
    port?: number,
  ): Promise<EmbeddedPostgres> {
    const place = placePostgres(dataDir);
    if (!existsSync(place.passwordFile)) await initialise(place);
    else await stopOrphan(place.dataDir);
    const listenOn = port ?? (await findFreePort());
    const server = await launch(place, listenOn, settings);
    return new EmbeddedPostgres(server, listenOn, readFileSync(place.passwordFile, 'utf8'));
  }

  /** Connection URL of a database of this server. */
  urlOf(database: string): string {
    return `postgres://${USER}:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** Creates a database unless it exists, optionally as a copy of another. */
  async createDatabase(name: string, template = 'template1'): Promise<void> {
    const exists = await this.query('select from pg_database where datname = $1', [name]);
    if (exists.rowCount === 0) await this.query(`create database "${name}" template "${template}"`);
  }

  /** Runs one statement on the maintenance database. */
  async query(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const client = new SessionClient({ connectionString: this.urlOf('postgres') });
    await client.connect();
    try {
      return await client.query(text, values);
    } finally {
      await client.end();
    }
  }

  /** The server's process id. */
  get pid(): number {
    return this.server.pid as number;
  }

  /**
   * Stops the server; committed data is safe. `fast` rolls open transactions back, `immediate` is a crash,
   * from which the next start recovers.
   */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    const exited = once(this.server, 'exit');
    this.server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const immediate = setTimeout(() => this.server.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(immediate);
  }
}

/** Creates the cluster. The password file appears last and marks it as complete. */
async function initialise(place: PostgresPlace): Promise<void> {
  rmSync(place.dataDir, { recursive: true, force: true });
  const password = randomUUID();
  const draft = `${place.passwordFile}.draft`;
  writeFileSync(draft, password, { mode: 0o600 });
  giveTo(place.identity, draft);
  const options = {
    pgdata: place.dataDir,
    username: USER,
    pwfile: draft,
    auth: 'scram-sha-256',
    encoding: 'UTF8',
    locale: 'C',
  };
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  await promisify(execFile)(place.binary('initdb'), [...flags, '--no-sync'], {
    ...place.identity,
    cwd: place.home,
  });
  renameSync(draft, place.passwordFile);
}

/** Stops the server that a killed process left, if the process in its pid file is alive. */
async function stopOrphan(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (await isServerOf(dataDir, pid)) {
    process.kill(pid, 'SIGINT');
    for (let waited = 0; existsSync(pidFile) && waited < STOP_TIMEOUT_MS; waited += 50) await sleep(50);
  }
  rmSync(pidFile, { force: true });
}

/**
 * Whether a process is the server of this folder. The process id from a stale file may belong to another
 * process now.
 */
async function isServerOf(dataDir: string, pid: number): Promise<boolean> {
  if (!(pid > 0)) return false;
  if (existsSync('/proc/self/cwd')) {
    try {
      return realpathSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
    } catch {
      return false;
    }
  }
  const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({
    stdout: '',
  }));
  return stdout.includes('postgres') && stdout.includes(dataDir);
}

/**
 * Starts the server detached, so that Ctrl-C reaches only this process, which stops the server after its own
 * work.
 */
function launch(place: PostgresPlace, port: number, settings: Record<string, string>): Promise<ChildProcess> {
  const options = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(place.binary('postgres'), ['-D', place.dataDir, '-p', String(port), ...flags], {
    ...place.identity,
    cwd: place.dataDir,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`The embedded PostgreSQL did not start:\n${output}`)));
    server.stderr?.on('data', (chunk: Buffer) => {
      // Keeps the end of the output, because the server writes one line per refused client while it recovers
      // from a crash.
      output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
      if (output.includes('ready to accept connections')) resolve(server);
    });
  });
}
