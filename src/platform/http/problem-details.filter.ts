import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  HttpStatus,
  Logger,
} from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseFaultOf } from '../database/database-fault.js';
import { sqlStateOf } from '../sql-state.js';
import { DomainError, STATUS_BY_CODE } from './domain-error.js';

/** RFC 9457 problem details: the body of every error of the admin API. */
export class ProblemDetails {
  /** Status text. */
  @ApiProperty({ example: 'Not Found' })
  title: string;

  /** HTTP status. */
  @ApiProperty({ example: 404 })
  status: number;

  /** Stable machine-readable code. */
  @ApiProperty({ example: 'customer_not_found' })
  code: string;

  /** The problem in words, for people. */
  @ApiProperty({ example: 'No customer cus_123' })
  detail: string;

  /** The problems of each field, for an invalid request. */
  @ApiPropertyOptional({ type: [String], example: ['limit must not be greater than 100'] })
  errors?: string[];
}

/**
 * The only exception filter. All errors except health reports are answered as problem details, without SQL,
 * stack or secret.
 */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    if (isHealthReport(error)) return void reply.status(error.getStatus()).send(error.getResponse());
    const details = describeFailure(error);
    if (details.status === HttpStatus.UNAUTHORIZED && !reply.hasHeader('www-authenticate')) {
      void reply.header('www-authenticate', 'Bearer');
    }
    this.answer(reply, http.getRequest<FastifyRequest>(), details);
  }

  protected answer(reply: FastifyReply, _request: FastifyRequest, details: ProblemDetails): void {
    sendProblem(reply, details);
  }
}

/** The problem details of an error. Unexpected errors are logged. */
export function describeFailure(error: unknown): ProblemDetails {
  if (error instanceof DomainError) {
    return problem(STATUS_BY_CODE[error.code], error.code, error.message, error.problems);
  }
  if (error instanceof HttpException) return fromHttpException(error);
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return problem(status, 'invalid_request', (error as Error).message);
  }
  if (isImpossibleValue(error)) {
    logger.warn({ event: 'impossible value refused', error });
    return problem(HttpStatus.BAD_REQUEST, 'invalid_request', 'The request holds an impossible value');
  }
  logger.error({ event: 'request failed', error });
  return isDatabaseDown(error)
    ? problem(HttpStatus.SERVICE_UNAVAILABLE, 'database_unavailable', 'The database is not available')
    : problem(HttpStatus.INTERNAL_SERVER_ERROR, 'internal_error', 'Something went wrong; it has been logged');
}

const logger = new Logger('http');

/** Answers with problem details, with `Retry-After` for a 503. */
export function sendProblem(reply: FastifyReply, details: ProblemDetails): void {
  if (details.status === HttpStatus.SERVICE_UNAVAILABLE) void reply.header('retry-after', '5');
  void reply.status(details.status).type('application/problem+json').send(toProblemBody(details));
}

/** The body of the answer. */
export function toProblemBody(details: ProblemDetails): string {
  return JSON.stringify({ type: 'about:blank', ...details });
}

/** Whether the error is a report of Terminus, whose body is in the API document already. */
function isHealthReport(error: unknown): error is HttpException {
  return error instanceof HttpException && 'details' in Object(error.getResponse());
}

/** @param code stable, in lower case with underscores */
export function problem(status: number, code: string, detail: string, errors?: string[]): ProblemDetails {
  return {
    title: HttpStatus[status]?.replaceAll('_', ' ').toLowerCase() ?? 'error',
    status,
    code,
    detail,
    errors,
  };
}

function fromHttpException(error: HttpException): ProblemDetails {
  const status = error.getStatus();
  const { message, code } = Object(error.getResponse()) as { message?: unknown; code?: string };
  if (Array.isArray(message))
    return problem(status, 'invalid_request', 'The request is not valid', message.map(String));
  const title = HttpStatus[status]?.toLowerCase() ?? 'error';
  return problem(status, code ?? title, error.message);
}

/**
 * Whether an error comes from a NUL, half a surrogate pair or a time beyond the calendar, which passed
 * validation (SQLSTATE class 22) or made it fail.
 */
function isImpossibleValue(error: unknown): boolean {
  return error instanceof URIError || sqlStateOf(error)?.startsWith('22') === true;
}

function isDatabaseDown(error: unknown): boolean {
  const name = (error as Error).constructor?.name ?? '';
  const message = (error as Error).message ?? '';
  const fromDatabase =
    sqlStateOf(error) !== undefined ||
    name === 'QueryFailedError' ||
    /connection|timeout|ECONN|terminat/i.test(message);
  return fromDatabase && databaseFaultOf(error) === 'unavailable';
}
