import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../src/platform/development/free-port.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const SAMPLE_MS = 200;

/** A server under measurement: a process with its output in a file and its memory sampled. */
export class ServerProcess {
  /** The largest resident set seen, in MB (10^6 bytes). */
  peakRssMb = 0;
  private readonly sampling: NodeJS.Timeout;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.sampling = setInterval(() => {
      this.peakRssMb = Math.max(this.peakRssMb, rssMbOf(child.pid));
    }, SAMPLE_MS);
  }

  /** Runs `node <args>` in a folder, on a free port (`PORT`), and waits until it answers `/health/live`. */
  static async start(
    args: string[],
    env: Record<string, string | undefined>,
    logFile: string,
    folder?: string,
  ): Promise<ServerProcess> {
    const port = await findFreePort();
    const log = openSync(logFile, 'w');
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...env, PORT: String(port) },
      cwd: folder,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const server = new ServerProcess(child, `http://127.0.0.1:${port}`);
    try {
      await server.waitUntilLive();
      return server;
    } catch (error) {
      await server.stop();
      throw new Error(`${args.join(' ')} did not start:\n${readFileSync(logFile, 'utf8').slice(-4000)}`, {
        cause: error,
      });
    }
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** The resident set at present, in MB. */
  get rssMb(): number {
    return rssMbOf(this.child.pid);
  }

  async stop(): Promise<void> {
    clearInterval(this.sampling);
    if (this.ended) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const hard = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exit;
    clearTimeout(hard);
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async waitUntilLive(): Promise<void> {
    const end = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const live = await fetch(`${this.url}/health/live`).then(
        (response) => response.ok,
        () => false,
      );
      if (live) return;
      if (this.ended) throw new Error('The process has ended');
      if (Date.now() > end) throw new Error('The process did not answer in time');
      await sleep(100);
    }
  }
}

/** Resident memory of a process; 0 if it has ended. */
function rssMbOf(pid: number | undefined): number {
  try {
    const kilobytes = existsSync('/proc/self/status')
      ? /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return (Number(kilobytes ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
