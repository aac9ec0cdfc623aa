import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../config/app-config.js';
import { BearerKey } from './bearer-key.js';

/** Lets requests with the admin key through (`ADMIN_API_KEY`). */
@Injectable()
export class AdminKeyGuard implements CanActivate {
  protected readonly key: BearerKey;

  constructor(config: AppConfig) {
    this.key = new BearerKey(config.http.adminApiKey);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.isAdmin(context.switchToHttp().getRequest<FastifyRequest>())) return true;
    throw new UnauthorizedException('A valid admin key is required: Authorization: Bearer <key>');
  }

  protected isAdmin(request: FastifyRequest): boolean {
    return this.key.isShownBy(request);
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

  protected override isAdmin(request: FastifyRequest): boolean {
    const { authorization = '' } = request.headers;
    const credentials = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? '';
    const [, password = ''] = Buffer.from(credentials, 'base64').toString().split(':');
    return super.isAdmin(request) || this.key.is(password);
  }
}
