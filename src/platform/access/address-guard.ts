import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { ApiTooManyRequestsResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from './admission.service.js';

/** Keeps one address from asking too often where nobody shows a key. */
@Injectable()
class AddressGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    await this.admission.admitAnybody(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return true;
  }
}

/** Routes for everybody that are limited by address (`API_MAX_PER_ADDRESS_MINUTE`), as those with keys are. */
export const LimitedByAddress = (): ClassDecorator =>
  applyDecorators(
    UseGuards(AddressGuard),
    ApiTooManyRequestsResponse({ description: 'Asked too often from this address; see Retry-After' }),
  );
