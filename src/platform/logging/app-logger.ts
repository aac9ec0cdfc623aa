import type { LoggerService } from '@nestjs/common';
import {
  type DestinationStream,
  type Logger as PinoLogger,
  type LoggerOptions,
  pino as createLogger,
} from 'pino';
import { sqlStateOf } from '../sql-state.js';
import { stdoutLog } from './log-output.js';
import { scrub } from './scrub.js';

/** Contexts in which Nest logs every module and route at each start. These lines are dropped. */
const NEST_BOOT = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Nest's loggers on pino: JSON lines with constant event names and fields. Personal data are kept out: fields
 * that could hold them are redacted, and texts of foreign errors are scrubbed.
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
    // Without a context, Nest's last argument is a stack, which quotes the text of the error.
    const context = typeof from === 'string' ? scrub(from) : undefined;
    if (typeof message === 'object' && message !== null && !(message instanceof Error)) {
      const fields: Record<string, unknown> = { context };
      for (const key of Object.keys(message)) {
        if (key !== 'event') fields[key] = (message as Record<string, unknown>)[key];
      }
      this.pino[level](fields, (message as { event?: string }).event);
      return;
    }
    if (message instanceof Error) this.pino[level]({ context, error: message }, message.name);
    else this.pino[level]({ context }, scrub(String(message)));
  }
}

/** The pino logger of the process; it writes to standard output by default. */
export function createPino(level: string, destination?: DestinationStream): PinoLogger {
  const options: LoggerOptions = {
    level,
    base: { pid: process.pid },
    serializers: { error: describeError, err: describeError },
    formatters: { log: censored },
  };
  return createLogger(options, destination ?? stdoutLog());
}

/** Names of fields whose values may be personal. */
const PERSONAL = new Set(['email', 'name', 'address', 'body', 'payload', 'authorization']);
/** The same for fields of nested objects. */
const PERSONAL_BELOW = ['email', 'body', 'authorization'];
const CENSOR = '[redacted]';

/** The fields without values that may be personal. pino's own `redact` allocates 9 KB per line. */
function censored(fields: Record<string, unknown>): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    shown[key] = PERSONAL.has(key) ? CENSOR : isPlain(value) ? censoredBelow(value) : value;
  }
  return shown;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

function censoredBelow(value: Record<string, unknown>): Record<string, unknown> {
  if (!PERSONAL_BELOW.some((key) => key in value)) return value;
  const shown = { ...value };
  for (const key of PERSONAL_BELOW) if (key in shown) shown[key] = CENSOR;
  return shown;
}

/** An error for the log. A database error's texts may quote a row, so only its codes are kept. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: scrub(String(error)) };
  const { code, constraint, table, responseCode } = error as unknown as Record<string, unknown>;
  const fields = { type: error.name, code, constraint, table, responseCode };
  if (sqlStateOf(error)) return fields;
  return { ...fields, message: scrub(error.message), stack: scrub(error.stack ?? '') };
}
