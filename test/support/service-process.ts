import { type ChildProcess, spawn } from 'node:child_process';
import { findFreePort } from '../../src/platform/development/free-port.js';
import { testEnvironment } from './test-app.js';
import { waitFor } from './wait-for.js';

/** Environment of a process in production: nothing embedded, nothing shared but the database. */
export function productionEnvironment(
  databaseUrl: string,
  smtpPort: number,
  env: Record<string, string> = {},
) {
  return testEnvironment(databaseUrl, smtpPort, {
    NODE_ENV: 'production',
    STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
    ...env,
  });
}

/** The built service as a process of its own, for what only a process can show: signals, kill -9, boot. */
export class ServiceProcess {
  output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
  ) {
    const collect = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
  }

  /** Starts `dist/main.js` with exactly this environment (and PATH). Does not wait. */
  static async spawn(env: Record<string, string>): Promise<ServiceProcess> {
    const port = env.PORT ?? String(await findFreePort());
    const child = spawn(process.execPath, ['dist/main.js'], {
      env: { PATH: process.env.PATH, ...env, PORT: port },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(child, `http://127.0.0.1:${port}`);
  }

  /** Starts and waits until it is live and its port answers. */
  static async start(env: Record<string, string>): Promise<ServiceProcess> {
    const service = await ServiceProcess.spawn(env);
    await waitFor(`service live\n${service.output}`, () => {
      if (service.child.exitCode !== null) throw new Error(`The service ended:\n${service.output}`);
      return isLive(service.url);
    });
    return service;
  }

  /** Sends a signal and waits for the end. @returns the exit code, or the signal that ended it */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended();
  }

  /** Waits for the end. */
  ended(): Promise<number | NodeJS.Signals> {
    return waitFor('process ended', () =>
      this.child.exitCode === null ? this.child.signalCode : [this.child.exitCode],
    ).then((result) => (typeof result === 'string' ? result : (result[0] as number)));
  }
}

function isLive(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`).then(
    (response) => response.ok,
    () => false,
  );
}
