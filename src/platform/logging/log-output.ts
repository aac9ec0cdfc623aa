import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Lines are written in groups, because one write per line cost a tenth of the intake's throughput. */
const WRITE_LENGTH = 4096;
const FLUSH_EVERY_MS = 200;
/** The maximum of text that waits for a blocked target. */
const WAITING_LENGTH_MAX = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Writes log lines to a file descriptor. It never throws and never blocks: lines that a full disk or a
 * blocked reader does not accept are kept and tried again; beyond a megabyte they are lost and counted.
 * (Pino's own destination throws in the code that logs, and at a fatal line and at exit repeats the write
 * without end.)
 */
export class LogOutput implements DestinationStream {
  /** Lines lost since the process started. */
  lostLines = 0;
  private unreported = 0;
  private lines = '';
  /** Taken from `lines`. Its beginning may have been written already. */
  private chunk: Buffer = NOTHING;
  private isStuck = false;

  constructor(private readonly fd: number) {}

  /** Flushed every 200 ms and at exit, so a killed process loses at most the lines of 200 ms. */
  static toStdout(): LogOutput {
    // The first use of `process.stdout` makes a pipe non-blocking. Otherwise a blocked reader would block the
    // process.
    process.stdout.on('error', () => undefined);
    const output = new LogOutput(1);
    setInterval(() => output.flushSync(), FLUSH_EVERY_MS).unref();
    process.once('exit', () => output.flushSync());
    return output;
  }

  write(line: string): void {
    if (this.lines.length + this.chunk.length + line.length > WAITING_LENGTH_MAX) {
      this.lostLines += 1;
      this.unreported += 1;
      return;
    }
    this.lines += line;
    if (this.lines.length >= WRITE_LENGTH && !this.isStuck) this.flushSync();
  }

  /** Writes the waiting lines as far as the target accepts them. Pino calls it after a fatal line. */
  flushSync(): void {
    try {
      while (this.chunk.length > 0 || this.lines) {
        if (this.chunk.length === 0) this.takeChunk();
        this.chunk = this.chunk.subarray(writeSync(this.fd, this.chunk));
      }
      this.isStuck = false;
    } catch {
      this.isStuck = true;
      return;
    }
    if (this.unreported > 0) this.reportLoss();
  }

  private takeChunk(): void {
    this.chunk = Buffer.from(this.lines);
    this.lines = '';
  }

  private reportLoss(): void {
    const [lines, time] = [this.unreported, Date.now()];
    this.unreported = 0;
    this.write(`${JSON.stringify({ level: 40, time, pid: process.pid, lines, msg: 'log lines lost' })}\n`);
  }
}

let stdout: LogOutput | undefined;

/** The log output of this process. */
export function stdoutLog(): LogOutput {
  stdout ??= LogOutput.toStdout();
  return stdout;
}
