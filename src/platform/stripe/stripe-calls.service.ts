import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { StripeSettings } from './stripe.settings.js';
import { TokenBucket } from './token-bucket.js';

const TRIES = 6;
const FIRST_DELAY_MS = 200;
/** The maximum `Retry-After` that is respected. */
const DELAY_MAX_MS = 60_000;

/** Stripe did not answer any attempt. */
export class StripeUnavailable extends Error {
  constructor(
    readonly reason: 'rate_limited' | 'stripe_unavailable',
    cause: unknown,
  ) {
    super(`Stripe did not answer after ${TRIES} tries`, { cause });
  }
}

/**
 * Runs series of calls below a rate limit, and repeats them after limits (429), faults (5xx) and timeouts
 * with a growing, jittered back-off. The SDK does not repeat a plain 429.
 */
@Injectable()
export class StripeCalls {
  private readonly logger = new Logger('stripe');
  private readonly bucket: TokenBucket;

  constructor({ rateLimit }: StripeSettings) {
    this.bucket = new TokenBucket(rateLimit);
  }

  /** @throws StripeUnavailable after the last attempt; other errors at once, if a retry would not help */
  async run<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.bucket.take();
      try {
        return await call();
      } catch (error) {
        if (!isTransient(error)) throw error;
        const isLimit = error.statusCode === 429;
        if (attempt === TRIES)
          throw new StripeUnavailable(isLimit ? 'rate_limited' : 'stripe_unavailable', error);
        const delayMs = delayOf(error, attempt);
        this.logger.warn({ event: 'call repeated', attempt, status: error.statusCode ?? null, delayMs });
        await sleep(delayMs);
      }
    }
  }
}

function isTransient(error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const { statusCode } = error;
  return (
    error instanceof Stripe.errors.StripeConnectionError || statusCode === 429 || (statusCode ?? 0) >= 500
  );
}

/** Half of each delay is random, so that callers that failed together do not retry together. */
function delayOf(error: InstanceType<typeof Stripe.errors.StripeError>, attempt: number): number {
  const grown = FIRST_DELAY_MS * 2 ** (attempt - 1);
  const asked = Number(error.headers?.['retry-after'] ?? 0) * 1000 || 0;
  return Math.round(Math.min(Math.max(grown, asked), DELAY_MAX_MS) + (Math.random() * grown) / 2);
}
