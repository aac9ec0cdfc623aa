import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BehaviourSettings } from '../behaviour.settings.js';

/**
 * Refuses pages of sites that are not in `COLLECTOR_ORIGINS`, and lets those of the others read the answers. Only browsers
 * send an `Origin`.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  constructor(private readonly settings: BehaviourSettings) {}

  /** @throws ForbiddenException */
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { origin } = http.getRequest<FastifyRequest>().headers;
    void reply.header('vary', 'Origin');
    if (origin === undefined) return true;
    if (!this.settings.origins?.includes(origin)) {
      const message = 'The site is not in COLLECTOR_ORIGINS';
      throw new ForbiddenException({ message, code: 'origin_not_allowed' });
    }
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Retry-After',
    });
    return true;
  }
}
