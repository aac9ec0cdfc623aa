import { HttpException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { causedBy } from '../cause.js';
import { RequestLimitSettings } from './request-limit.settings.js';
import { problem, sendProblem } from '../http/problem-details.filter.js';
import { Admission } from './admission.service.js';

/** The requirement of guarded paths that have no controller, such as the documentation: a viewer's key. */
const VIEWER = { role: 'viewer', managesKeys: false, opensInBrowser: true } as const;

/**
 * Makes the request known as the cause of all that it starts. Webhooks are excluded: events of several
 * requests are written together, and each names its own cause.
 */
export function noteRequests(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('preHandler', (request, _reply, done) => {
    if (request.routeOptions.url?.startsWith('/webhooks/')) done();
    else causedBy({ requestId: request.id, ip: request.ip }, done);
  });
}

/** Guards the configured paths. */
export function guardPaths(app: NestFastifyApplication): void {
  const { guardedPaths } = app.get(RequestLimitSettings);
  if (guardedPaths.length === 0) return;
  const admission = app.get(Admission);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    if (!guardedPaths.some((path) => request.routeOptions.url?.startsWith(path))) return;
    try {
      await admission.admit(request, reply, VIEWER);
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      sendProblem(reply, problem(error.getStatus(), 'not_admitted', error.message));
      return reply;
    }
  });
}
