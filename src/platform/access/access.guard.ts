import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from './admission.service.js';
import { requirementOf } from './requires.decorator.js';

/** Accepts requests whose key has the role that the route declares. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const requirement = requirementOf(context.getClass(), context.getHandler());
    await this.admission.admit(
      http.getRequest<FastifyRequest>(),
      http.getResponse<FastifyReply>(),
      requirement,
    );
    return true;
  }
}
