import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Lines are written some at a time: one write for each took a tenth of the intake's throughput. */
const WRITE_LENGTH = 4096;
const FLUSH_EVERY_MS = 200;
/** What may wait for a target that takes nothing. */
const WAITING_LENGTH_MAX = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Where log lines leave the process. It never throws and never waits: what a full disk or a reader that
 * stands still does not take is kept and tried again, and beyond a megabyte lost and counted. (Pino's own
 * destination throws into whoever logs, and at a fatal line and at exit repeats the write for ever.)
 */
export class LogOutput implements DestinationStream {
  /** Lines lost since the process started. */
  lostLines = 0;
  private unreported = 0;
  private lines = '';
  /** Taken from `lines`; its beginning may have been written, the rest not. */
  private chunk: Buffer = NOTHING;
  private isStuck = false;

  constructor(private readonly fd: number) {}

  /** Flushed every 200 ms and at exit: at most that much is lost with a killed process. */
  static toStdout(): LogOutput {
    // Its first use makes Node open a pipe as non-blocking; else a reader that stands still stops the process.
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

  /** Writes what waits, as far as it is taken. Pino calls it after a fatal line. */
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

/** The one of this process. */
export function stdoutLog(): LogOutput {
  stdout ??= LogOutput.toStdout();
  return stdout;
}
