import { Logger } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppLogger, createPino } from './app-logger.js';

const ADDRESS = 'canary@example.com';
const SECRET = 'whsec_canary0123';

const lines: string[] = [];
const logger = new Logger('test');

beforeAll(() => {
  const destination = { write: (line: string) => void lines.push(line) };
  Logger.overrideLogger(new AppLogger(createPino('trace', destination)));
});
afterAll(() => Logger.overrideLogger(false));
beforeEach(() => {
  lines.length = 0;
});

/** The one line that has been logged, as text and as JSON. */
function emitted(): { text: string; fields: Record<string, unknown> } {
  expect(lines).toHaveLength(1);
  const [text = ''] = lines;
  return { text, fields: JSON.parse(text) };
}

/** An error as pg throws it: it quotes the row. */
function pgError(): Error {
  return Object.assign(new Error(`duplicate key: (${ADDRESS})`), {
    code: '23505',
    detail: `Key (email)=(${ADDRESS}) already exists.`,
    where: `canary`,
    table: 'customers',
    constraint: 'uq_customers_email',
  });
}

describe('a log line', () => {
  it('is JSON with the event as its message, the context and the fields', () => {
    logger.log({ event: 'webhook event committed', stripeEventId: 'evt_1', durationMs: 2.2 });

    expect(emitted().fields).toEqual({
      level: 30,
      time: expect.any(Number),
      pid: process.pid,
      context: 'test',
      stripeEventId: 'evt_1',
      durationMs: 2.2,
      msg: 'webhook event committed',
    });
  });

  it.each([
    ['log', 30],
    ['warn', 40],
    ['error', 50],
    ['fatal', 60],
    ['debug', 20],
    ['verbose', 10],
  ] as const)('of %s has its level', (method, level) => {
    logger[method]({ event: 'x' });
    expect(emitted().fields).toMatchObject({ level, context: 'test', msg: 'x' });
  });

  it('below the level is not written', () => {
    const appLogger = new AppLogger(createPino('warn', { write: (line) => void lines.push(line) }));
    appLogger.log('x');
    appLogger.debug('x');
    expect(lines).toEqual([]);
  });

  it.each(['\nfake', '\u001B[31mred', '"},{"level":60'])('stays one line with any content: %j', (text) => {
    logger.warn({ event: 'x', reason: text });

    expect(emitted().text.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(emitted().fields.reason).toBe(text);
  });
});

describe('nothing personal and no secret gets into a log line', () => {
  it.each([
    ['an error of pg', () => pgError()],
    ['an error of TypeORM', () => new QueryFailedError(`insert '${ADDRESS}'`, [ADDRESS], pgError())],
    ['a foreign error', () => new Error(`550 <${ADDRESS}> unknown, ${SECRET}`)],
    [
      'a foreign error with fields',
      () => Object.assign(new Error('x'), { rejected: [ADDRESS], auth: SECRET }),
    ],
    ['an error with such a cause', () => new Error('x', { cause: pgError() })],
    ['a text thrown', () => `550 <${ADDRESS}> ${SECRET}`],
  ])('with %s', (_, error) => {
    logger.error({ event: 'failed', error: error() });
    logger.error(error());
    logger.warn(error());

    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toMatch(/canary/);
  });

  it('with the stack that Nest hands over beside a message', () => {
    logger.error(`failed for ${ADDRESS}`, new Error(`550 <${ADDRESS}> ${SECRET}`).stack);
    new AppLogger(createPino('info', { write: (line) => void lines.push(line) })).error(
      'failed',
      new Error(`550 <${ADDRESS}> ${SECRET}`).stack,
    );

    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/canary/);
  });

  it.each(['email', 'name', 'address', 'body', 'payload', 'authorization'])(
    'in a field called %s',
    (field) => {
      logger.log({ event: 'x', [field]: `canary ${ADDRESS}` });
      expect(emitted().fields[field]).toBe('[redacted]');
    },
  );

  it.each(['email', 'body', 'authorization'])('in a field called %s of another', (field) => {
    logger.log({ event: 'x', customer: { [field]: ADDRESS } });
    expect(emitted().fields.customer).toEqual({ [field]: '[redacted]' });
  });

  it('yet what helps to find the fault does', () => {
    logger.error({ event: 'failed', error: pgError() });
    expect(emitted().fields.error).toEqual({
      type: 'Error',
      code: '23505',
      constraint: 'uq_customers_email',
      table: 'customers',
    });
  });

  it('and of an error without SQLSTATE the scrubbed message and stack', () => {
    logger.error({
      event: 'failed',
      error: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    });
    expect(emitted().fields.error).toMatchObject({
      code: 'ECONNRESET',
      message: 'read ECONNRESET',
      stack: expect.stringContaining('app-logger.spec'),
    });
  });
});
