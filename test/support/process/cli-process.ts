import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { waitFor } from '../wait-for.js';

const TIMEOUT_MS = 60_000;

/** The built CLI as a process of its own, where no `.env` lies. */
export class CliProcess {
  stdout = '';
  stderr = '';
  private closed = false;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.once('close', () => {
      this.closed = true;
    });
  }

  /** Runs `dist/cli/main.js` with exactly this environment (and PATH). Does not wait. */
  static spawn(args: string[], env: Record<string, string>): CliProcess {
    const child = spawn(process.execPath, [resolve('dist/cli/main.js'), ...args], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new CliProcess(child);
  }

  /** Runs to the end. */
  static async run(args: string[], env: Record<string, string>): Promise<CliProcess & { exitCode: number }> {
    const cli = CliProcess.spawn(args, env);
    const exitCode = (await cli.ended()) as number;
    return Object.assign(cli, { exitCode });
  }

  /** The id of the backfill, as it says it. */
  get backfillId(): string | null {
    return /^Backfill ([0-9a-f-]{36})/m.exec(this.stderr)?.[1] ?? null;
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended();
  }

  /** @returns the exit code, or the signal that ended it */
  async ended(): Promise<number | NodeJS.Signals> {
    await waitFor('CLI ended', () => this.closed, TIMEOUT_MS);
    return this.child.exitCode ?? (this.child.signalCode as NodeJS.Signals);
  }
}
