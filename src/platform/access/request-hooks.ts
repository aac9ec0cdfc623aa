import { HttpException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { causedBy } from '../cause.js';
import { AppConfig } from '../config/app-config.js';
import { Admission } from './admission.service.js';

/** What Fastify serves beside the controllers (documentation), or for machines: a viewer's key opens it where it is guarded. */
const VIEWER = { role: 'viewer', managesKeys: false, opensInBrowser: true } as const;

/**
 * Lets everything that a request causes know the request. Not for webhooks: events of several requests are
 * written together, and each tells of its own cause.
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
  const { guardedPaths } = app.get(AppConfig).access;
  if (guardedPaths.length === 0) return;
  const admission = app.get(Admission);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    if (!guardedPaths.some((path) => request.routeOptions.url?.startsWith(path))) return;
    try {
      await admission.admit(request, reply, VIEWER);
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      const status = error.getStatus();
      const body = {
        type: 'about:blank',
        title: error.name,
        status,
        code: 'not_admitted',
        detail: error.message,
      };
      return reply.status(status).type('application/problem+json').send(JSON.stringify(body));
    }
  });
}
