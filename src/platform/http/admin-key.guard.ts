import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
    if (timingSafeEqual(digest(this.keyIn(authorization)), this.expected)) return true;
    throw new UnauthorizedException('A valid admin key is required: Authorization: Bearer <key>');
  }

  protected keyIn(authorization: string): string {
    return /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
  }
}

/**
 * For pages that people open in a browser, which then asks for a password: the admin key, with any user name.
 * Only for routes that change nothing: a browser sends a password along with requests that other sites cause.
 */
@Injectable()
export class BrowserKeyGuard extends AdminKeyGuard {
  override canActivate(context: ExecutionContext): boolean {
    try {
      return super.canActivate(context);
    } catch (error) {
      const http = context.switchToHttp();
      if (http.getRequest<FastifyRequest>().headers.accept?.includes('text/html')) {
        http.getResponse<FastifyReply>().header('www-authenticate', 'Basic realm="Admin key as password"');
      }
      throw error;
    }
  }

  protected override keyIn(authorization: string): string {
    const password = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? '';
    return super.keyIn(authorization) || (Buffer.from(password, 'base64').toString().split(':')[1] ?? '');
  }
}

/** Digests have one length, so that the comparison tells nothing about the key's. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
