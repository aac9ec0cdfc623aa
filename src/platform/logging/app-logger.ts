import type { LoggerService } from '@nestjs/common';
import {
  type DestinationStream,
  type Logger as PinoLogger,
  type LoggerOptions,
  pino as createLogger,
} from 'pino';
import { sqlStateOf } from '../database/database-fault.js';
import { stdoutLog } from './log-output.js';
import { scrub } from './scrub.js';

/** Nest tells every module and route it loads; nobody reads that at every start. */
const NEST_BOOT = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Nest's loggers on pino: JSON lines with constant event names and fields. Nothing personal gets in:
 * fields that could hold it are redacted, and texts of foreign errors are scrubbed.
 */
export class AppLogger implements LoggerService {
  constructor(private readonly pino: PinoLogger) {}

  log(message: unknown, context?: unknown): void {
    this.write(NEST_BOOT.has(String(context)) ? 'debug' : 'info', message, context);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest.at(-1));
  }
  warn(message: unknown, context?: unknown): void {
    this.write('warn', message, context);
  }
  debug(message: unknown, context?: unknown): void {
    this.write('debug', message, context);
  }
  verbose(message: unknown, context?: unknown): void {
    this.write('trace', message, context);
  }
  fatal(message: unknown, context?: unknown): void {
    this.write('fatal', message, context);
  }

  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    from?: unknown,
  ) {
    if (!this.pino.isLevelEnabled(level)) return;
    // Called without a context, Nest's last argument is a stack, which quotes the error's text.
    const context = typeof from === 'string' ? scrub(from) : undefined;
    if (typeof message === 'object' && message !== null && !(message instanceof Error)) {
      const { event, ...fields } = message as { event?: string };
      this.pino[level]({ context, ...fields }, event);
      return;
    }
    if (message instanceof Error) this.pino[level]({ context, error: message }, message.name);
    else this.pino[level]({ context }, scrub(String(message)));
  }
}

/** The process's pino logger; to standard output unless told otherwise. */
export function createPino(level: string, destination?: DestinationStream): PinoLogger {
  const options: LoggerOptions = {
    level,
    base: { pid: process.pid },
    serializers: { error: describeError, err: describeError },
    redact: {
      paths: [
        'email',
        'name',
        'address',
        'body',
        'payload',
        'authorization',
        '*.email',
        '*.body',
        '*.authorization',
      ],
      censor: '[redacted]',
    },
  };
  return createLogger(options, destination ?? stdoutLog());
}

/** An error for the log. A database error's texts may quote a row, so only its codes are kept. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: scrub(String(error)) };
  const { code, constraint, table, responseCode } = error as unknown as Record<string, unknown>;
  const fields = { type: error.name, code, constraint, table, responseCode };
  if (sqlStateOf(error)) return fields;
  return { ...fields, message: scrub(error.message), stack: scrub(error.stack ?? '') };
}
