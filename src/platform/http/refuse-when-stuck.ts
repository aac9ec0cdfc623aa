import { setTimeout as sleep } from 'node:timers/promises';
import { HttpStatus, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { problem, sendProblem } from './problem-details.filter.js';

/** A request that takes longer is slow, or the database does not answer. */
const PATIENCE_MS = 3500;
/** The sum of both times is below five seconds, the limit for every answer. */
const PROBE_MS = 1000;

/**
 * Answers 503 to requests that wait for a stuck database. The timeouts of the connections are longer, because
 * slow reports need them. The writes of the request are then either committed or rolled back, as with every
 * 503. Webhooks are excluded, because their connections have short timeouts.
 */
export function refuseWhenStuck(app: NestFastifyApplication): void {
  const dataSource = app.get(DataSource);
  let probe: Promise<boolean> | null = null;
  const answers = () => {
    probe ??= answersInTime(dataSource).finally(() => {
      probe = null;
    });
    return probe;
  };
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url?.startsWith('/webhooks/')) return done();
    const timer = setTimeout(async () => {
      if (!reply.raw.headersSent && !(await answers()) && !reply.raw.headersSent) refuse(reply);
    }, PATIENCE_MS);
    reply.raw.once('close', () => clearTimeout(timer));
    done();
  });
}

function answersInTime(dataSource: DataSource): Promise<boolean> {
  const answered = dataSource.query('select 1').then(
    () => true,
    () => false,
  );
  return Promise.race([answered, sleep(PROBE_MS, false)]);
}

function refuse(reply: FastifyReply): void {
  new Logger('http').warn({ event: 'request refused: the database is stuck' });
  const status = HttpStatus.SERVICE_UNAVAILABLE;
  sendProblem(reply, problem(status, 'database_unavailable', 'The database does not answer'));
}
