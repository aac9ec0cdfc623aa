import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { UsersSource } from './users-source.service.js';

/**
 * Replaces `:userId` of a route with the stored spelling of the id, so that every spelling finds the same
 * rows.
 */
@Injectable()
export class StoredUserIdInterceptor implements NestInterceptor {
  constructor(private readonly users: UsersSource) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params?: { userId?: string } }>>();
    if (params?.userId) params.userId = await this.users.idOf(params.userId);
    return next.handle();
  }
}
