import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../config/app-config.js';

/** Lets requests with `Authorization: Bearer <ADMIN_API_KEY>` through; compares in constant time. */
@Injectable()
export class AdminKeyGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(config: AppConfig) {
    this.expected = digest(config.http.adminApiKey);
  }

  canActivate(context: ExecutionContext): boolean {
    const { authorization = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const key = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
    if (timingSafeEqual(digest(key), this.expected)) return true;
    throw new UnauthorizedException('A valid admin key is required: Authorization: Bearer <key>');
  }
}

/** Digests have one length, so that the comparison tells nothing about the key's. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
