import {
  ForbiddenException,
  HttpException,
  HttpStatus,
  Injectable,
  Logger,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { currentCause } from '../cause.js';
import { RequestLimitSettings } from './request-limit.settings.js';
import { LogAllowance } from '../logging/log-allowance.js';
import { counter } from '../metrics/metrics.js';
import { clientNetworkOf } from '../rate-limits/client-network.js';
import { type Caller, includesRole } from '../caller.js';
import { type KeyHolder, KeyRing } from './key-ring.js';
import { RefusalRecord } from './refusal-record.service.js';
import type { Requirement } from './requires.decorator.js';
import { shownKeyOf } from './shown-key.js';

const MINUTE_SECONDS = 60;

/** Checks the key and the rate limit of requests. Refusals are counted, logged and audited. */
@Injectable()
export class Admission {
  private readonly logger = new Logger('access');
  private readonly logAllowance = new LogAllowance();
  private readonly refused;
  private readonly byAddress?: RateLimiterMemory;
  private readonly byKey?: RateLimiterMemory;

  constructor(
    private readonly keys: KeyRing,
    private readonly record: RefusalRecord,
    { requestsPerKey, requestsPerAddress }: RequestLimitSettings,
    registry: Registry,
  ) {
    this.byKey = toLimiter(requestsPerKey);
    this.byAddress = toLimiter(requestsPerAddress);
    this.refused = counter(registry, 'requests_refused_total');
  }

  /**
   * Admits a request to a route without a key.
   * @throws HttpException 429
   */
  async admitAnybody(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.take(this.byAddress, clientNetworkOf(request.ip), request, reply);
  }

  /** @throws HttpException 401, 403 or 429 */
  async admit(request: FastifyRequest, reply: FastifyReply, requirement: Requirement): Promise<void> {
    await this.admitAnybody(request, reply);
    const holder = await this.identify(request, reply, requirement);
    const { onlyManagesKeys, ...caller } = holder;
    await this.take(this.byKey, holder.id, request, reply, caller);
    currentCause().caller = caller;
    if (onlyManagesKeys && !requirement.managesKeys) {
      this.note(request, 'bootstrap_key', caller);
      throw new ForbiddenException(
        'ADMIN_API_KEY only manages keys once there is an admin key: use that one',
      );
    }
    if (!includesRole(holder.role, requirement.role)) {
      this.note(request, 'role', caller);
      throw new ForbiddenException(`The key must have the role ${requirement.role}`);
    }
  }

  private async identify(
    request: FastifyRequest,
    reply: FastifyReply,
    { role, opensInBrowser }: Requirement,
  ): Promise<KeyHolder> {
    const key = shownKeyOf(request, opensInBrowser);
    const holder = key === null ? 'missing' : await this.keys.identify(key);
    if (typeof holder !== 'string') return holder;
    this.note(request, holder);
    if (opensInBrowser && request.headers.accept?.includes('text/html')) {
      void reply.header('www-authenticate', 'Basic realm="Admin key as password"');
    }
    const kind = role === 'service' ? 'service' : 'admin';
    throw new UnauthorizedException(`A valid ${kind} key is required: Authorization: Bearer <key>`);
  }

  private async take(
    limiter: RateLimiterMemory | undefined,
    subject: string,
    request: FastifyRequest,
    reply: FastifyReply,
    caller?: Caller,
  ): Promise<void> {
    try {
      await limiter?.consume(subject);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      this.note(request, 'too_many', caller);
      void reply.header('retry-after', String(Math.ceil(error.msBeforeNext / 1000)));
      throw new HttpException('Too many requests; see Retry-After', HttpStatus.TOO_MANY_REQUESTS);
    }
  }

  private note({ method, ip, routeOptions: { url } }: FastifyRequest, reason: string, caller?: Caller): void {
    this.refused.inc({ reason });
    this.record.note({ route: `${method} ${url}`, reason, ip, caller });
    const line = this.logAllowance.take();
    if (line) this.logger.warn({ event: 'request refused', reason, method, route: url, ip, ...line });
  }
}

function toLimiter(points: number): RateLimiterMemory | undefined {
  return points > 0 ? new RateLimiterMemory({ points, duration: MINUTE_SECONDS }) : undefined;
}
