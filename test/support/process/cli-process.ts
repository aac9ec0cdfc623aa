import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { waitFor } from '../wait-for.js';

const TIMEOUT_MS = 60_000;

/** The built CLI as a process, in a folder without `.env`. */
export class CliProcess {
  stderr = '';
  private closed = false;

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.once('close', () => {
      this.closed = true;
    });
  }

  /** Starts `dist/cli/main.js` with exactly this environment (and PATH), without waiting. */
  static spawn(args: string[], env: Record<string, string>): CliProcess {
    const child = spawn(process.execPath, [resolve('dist/cli/main.js'), ...args], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return new CliProcess(child);
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
