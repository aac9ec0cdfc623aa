import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../config/app-config.js';
import { BearerKey } from './bearer-key.js';

/** Lets MINGUS itself through (`SERVICE_API_KEY`); nobody while no key is set. */
@Injectable()
export class ServiceKeyGuard implements CanActivate {
  private readonly key: BearerKey | null;

  constructor({ http: { serviceApiKey } }: AppConfig) {
    this.key = serviceApiKey ? new BearerKey(serviceApiKey) : null;
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.key?.isShownBy(context.switchToHttp().getRequest<FastifyRequest>())) return true;
    throw new UnauthorizedException('A valid service key is required: Authorization: Bearer <key>');
  }
}
