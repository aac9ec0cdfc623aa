import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { findFreePort } from '../free-port.js';
import { waitFor } from '../wait-for.js';

export { productionEnvironment } from './test-environment.js';

/** The first start creates a database, which takes long on a busy machine. */
const TIMEOUT_MS = 60_000;

/** The built service as a process, for tests of signals, kill -9 and boot. */
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
   * Starts `dist/main.js` with exactly this environment (and PATH), in a folder without `.env`, without
   * waiting.
   * @param stdout a file descriptor for its log; by default it is collected in `output`
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
    await service.waitUntil('service live', () => isLive(service.url));
    return service;
  }

  /** Waits for a fact about the running process. @throws with its output if the process ends before */
  async waitUntil(what: string, fact: () => Promise<boolean> | boolean): Promise<void> {
    const isSo = () => {
      if (this.closed) throw new Error(`The service ended:\n${this.output}`);
      return fact();
    };
    await waitFor(what, isSo, TIMEOUT_MS);
  }

  get isRunning(): boolean {
    return !this.closed;
  }

  /** Sends a signal and waits for the end. @returns the exit code, or the signal that ended it */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended();
  }

  /** Waits for the end of the process and of its output. */
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
