import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BehaviourSettings } from '../behaviour.settings.js';

/** Lets pages of `COLLECTOR_ORIGINS` read the answers, refusals as well. It refuses no request: the key decides. */
@Injectable()
export class OriginGuard implements CanActivate {
  constructor(private readonly settings: BehaviourSettings) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { origin } = http.getRequest<FastifyRequest>().headers;
    void reply.header('vary', 'Origin');
    if (origin !== undefined && this.settings.origins?.includes(origin)) {
      void reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'Retry-After',
      });
    }
    return true;
  }
}
