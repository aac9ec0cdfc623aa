import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { StripeSettings } from './stripe.settings.js';

/**
 * Short, because the callers are jobs, which are repeated with back-off. A failed job is better than a
 * blocked slot.
 */
const TIMEOUT_MS = 5000;

/**
 * Stripe's SDK client with our configuration. It connects at the first call. Without retries it still repeats
 * a call once if its connection broke.
 */
@Injectable()
export class StripeClient {
  /** Null without `STRIPE_SECRET_KEY`. */
  readonly sdk: Stripe | null;
  /** Whether the key is for live mode. */
  readonly isLive: boolean;

  constructor({ secretKey, apiUrl }: StripeSettings) {
    this.isLive = /^[a-z]+_live_/.test(secretKey ?? '');
    this.sdk = secretKey
      ? new Stripe(secretKey, {
          ...(apiUrl ? toAddress(new URL(apiUrl)) : {}),
          timeout: TIMEOUT_MS,
          maxNetworkRetries: 0,
          telemetry: false,
        })
      : null;
  }

  /** The client for objects of a mode; null without a key for it. */
  of(livemode: boolean): Stripe | null {
    return this.isLive === livemode ? this.sdk : null;
  }
}

function toAddress({
  protocol,
  hostname,
  port,
}: URL): Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> {
  const isSecure = protocol === 'https:';
  return { host: hostname, port: port || (isSecure ? 443 : 80), protocol: isSecure ? 'https' : 'http' };
}
