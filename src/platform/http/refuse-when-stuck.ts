import { setTimeout as sleep } from 'node:timers/promises';
import { HttpStatus, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { problem, sendProblem } from './problem-details.filter.js';

/** A request that takes longer may be slow, or wait for a database that answers nobody. */
const PATIENCE_MS = 3500;
/** Together less than the five seconds within which everybody is answered. */
const PROBE_MS = 1000;

/**
 * Answers 503 to whoever waits for a database that is stuck: to a report that is merely slow the connections
 * would grant more time than anybody should wait for nothing. What the request has written by then is either
 * committed or undone, as with every 503. Not for webhooks: their connections give up in time by themselves.
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
