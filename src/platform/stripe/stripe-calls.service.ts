import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { AppConfig } from '../config/app-config.js';
import { TokenBucket } from './token-bucket.js';

const TRIES = 6;
const FIRST_DELAY_MS = 200;
/** A `Retry-After` is honoured up to this. */
const DELAY_MAX_MS = 60_000;

/** Stripe did not answer, however often it was asked. */
export class StripeUnavailable extends Error {
  constructor(
    readonly reason: 'rate_limited' | 'stripe_unavailable',
    cause: unknown,
  ) {
    super(`Stripe gave no answer after ${TRIES} tries`, { cause });
  }
}

/**
 * Calls of which there are many in a row: they keep below a rate of their own, and outlast limits (429),
 * faults (5xx) and timeouts with a growing, jittered back-off. The SDK repeats no plain 429.
 */
@Injectable()
export class StripeCalls {
  private readonly logger = new Logger('stripe');
  private readonly bucket: TokenBucket;

  constructor({ stripe }: AppConfig) {
    this.bucket = new TokenBucket(stripe.rateLimit);
  }

  /** @throws StripeUnavailable after the last try; at once whatever trying again would not change */
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

/** Half of each delay is chance, so that callers who failed together do not come back together. */
function delayOf(error: InstanceType<typeof Stripe.errors.StripeError>, attempt: number): number {
  const grown = FIRST_DELAY_MS * 2 ** (attempt - 1);
  const asked = Number(error.headers?.['retry-after'] ?? 0) * 1000 || 0;
  return Math.round(Math.min(Math.max(grown, asked), DELAY_MAX_MS) + (Math.random() * grown) / 2);
}
