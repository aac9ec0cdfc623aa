import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { findFreePort } from '../../../src/platform/development/free-port.js';
import { waitFor } from '../wait-for.js';

export { productionEnvironment } from './test-environment.js';

/** A first start makes a database; on a busy machine that takes its time. */
const TIMEOUT_MS = 60_000;

/** The built service as a process of its own, for what only a process can show: signals, kill -9, boot. */
export class ServiceProcess {
  output = '';
  private closed = false;

  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
  ) {
    const collect = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('close', () => {
      this.closed = true;
    });
  }

  /**
   * Starts `dist/main.js` with exactly this environment (and PATH), where no `.env` lies. Does not wait.
   * @param stdout a file descriptor for its log; else it is collected in `output`
   */
  static async spawn(env: Record<string, string>, stdout: number | 'pipe' = 'pipe'): Promise<ServiceProcess> {
    const port = env.PORT ?? String(await findFreePort());
    const child = spawn(process.execPath, [resolve('dist/main.js')], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, ...env, PORT: port },
      stdio: ['ignore', stdout, 'pipe'],
    });
    return new ServiceProcess(child, `http://127.0.0.1:${port}`);
  }

  /** Starts and waits until it is live and its port answers. */
  static async start(env: Record<string, string>, stdout?: number): Promise<ServiceProcess> {
    const service = await ServiceProcess.spawn(env, stdout);
    const isUp = () => {
      if (service.closed) throw new Error(`The service ended:\n${service.output}`);
      return isLive(service.url);
    };
    await waitFor('service live', isUp, TIMEOUT_MS);
    return service;
  }

  get isRunning(): boolean {
    return !this.closed;
  }

  /** Sends a signal and waits for the end. @returns the exit code, or the signal that ended it */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended();
  }

  /** Waits for the end, and for all that it had to say. */
  async ended(): Promise<number | NodeJS.Signals> {
    await waitFor('process ended', () => this.closed, TIMEOUT_MS);
    return this.child.exitCode ?? (this.child.signalCode as NodeJS.Signals);
  }
}

function isLive(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`).then(
    (response) => response.ok,
    () => false,
  );
}
