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
import { type Caller, includesRole, type Role } from '../caller.js';
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
  private readonly eventsByKey?: RateLimiterMemory;

  constructor(
    private readonly keys: KeyRing,
    private readonly record: RefusalRecord,
    { requestsPerKey, requestsPerAddress, eventsPerKey }: RequestLimitSettings,
    registry: Registry,
  ) {
    this.byKey = toLimiter(requestsPerKey);
    this.eventsByKey = toLimiter(eventsPerKey);
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

  /**
   * Admits events of the caller. A limit of requests does not fit a key that all browsers share.
   * @throws HttpException 429
   */
  async admitEvents(request: FastifyRequest, reply: FastifyReply, count: number): Promise<void> {
    const { caller } = currentCause();
    if (caller) await this.take(this.eventsByKey, caller.id, request, reply, { caller, points: count });
  }

  /** @throws HttpException 401, 403 or 429 */
  async admit(request: FastifyRequest, reply: FastifyReply, requirement: Requirement): Promise<void> {
    await this.admitAnybody(request, reply);
    const holder = await this.identify(request, reply, requirement);
    const { onlyManagesKeys, ...caller } = holder;
    if (requirement.role !== 'collector') await this.take(this.byKey, holder.id, request, reply, { caller });
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
    requirement: Requirement,
  ): Promise<KeyHolder> {
    const key = shownKeyOf(request, requirement);
    const holder = key === null ? 'missing' : await this.keys.identify(key);
    if (typeof holder !== 'string') return holder;
    this.note(request, holder);
    if (requirement.opensInBrowser && request.headers.accept?.includes('text/html')) {
      void reply.header('www-authenticate', 'Basic realm="Admin key as password"');
    }
    throw new UnauthorizedException(REQUIRED_KEYS[requirement.role] ?? NEEDS_ADMIN_KEY);
  }

  private async take(
    limiter: RateLimiterMemory | undefined,
    subject: string,
    request: FastifyRequest,
    reply: FastifyReply,
    { caller, points = 1 }: { caller?: Caller; points?: number } = {},
  ): Promise<void> {
    try {
      await limiter?.consume(subject, points);
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

const NEEDS_ADMIN_KEY = 'A valid admin key is required: Authorization: Bearer <key>';
const REQUIRED_KEYS: Partial<Record<Role, string>> = {
  service: 'A valid service key is required: Authorization: Bearer <key>',
  collector: 'A valid write key is required as the user name of Basic authentication, or as writeKey',
};

function toLimiter(points: number): RateLimiterMemory | undefined {
  return points > 0 ? new RateLimiterMemory({ points, duration: MINUTE_SECONDS }) : undefined;
}
