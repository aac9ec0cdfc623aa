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

/** Limits the requests of one address on routes without a key. */
@Injectable()
class AddressGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    await this.admission.admitAnybody(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return true;
  }
}

/** Limits the public routes of a controller by address (`API_MAX_PER_ADDRESS_MINUTE`). */
export const LimitedByAddress = (): ClassDecorator =>
  applyDecorators(
    UseGuards(AddressGuard),
    ApiTooManyRequestsResponse({ description: 'Too many requests from this address; see Retry-After' }),
  );
